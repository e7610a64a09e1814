//! The log's printer: lines for people or for programs, on stderr. What may be in a log is decided where it is logged:
//! never content, file names or clients' addresses. The DNS client's own words are left out: it would log the domains that
//! mail comes from.

use crate::{
    cli::Globals,
    clock::Clock,
    config::{Log, LogFormat},
};
use serde_json::{Map, Value};
use std::fmt;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
};
use tracing_subscriber::{
    filter::Targets,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    layer::SubscriberExt,
    registry::LookupSpan,
};

/// The crates that ask DNS. They name what they ask for.
const DNS_CLIENT: [&str; 4] = ["hickory_resolver", "hickory_net", "hickory_proto", "mail_auth"];

/// Starts logging. `-q` leaves only warnings, each `-v` adds a level.
pub fn start(log: &Log, globals: &Globals) {
    let level = level(&log.level, globals);
    let builder = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr);
    let quiet = Targets::new().with_default(level).with_targets(DNS_CLIENT.map(|target| (target, LevelFilter::OFF)));
    // A second start would be a bug without a consequence: the first printer goes on.
    let _ = match log.format {
        LogFormat::Text => {
            let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
            tracing::subscriber::set_global_default(builder.with_ansi(ansi).with_target(false).finish().with(quiet))
        }
        LogFormat::Json => {
            tracing::subscriber::set_global_default(builder.event_format(JsonLines).finish().with(quiet))
        }
    };
}

fn level(configured: &str, globals: &Globals) -> LevelFilter {
    const LEVELS: [LevelFilter; 5] =
        [LevelFilter::ERROR, LevelFilter::WARN, LevelFilter::INFO, LevelFilter::DEBUG, LevelFilter::TRACE];
    let configured: LevelFilter = configured.parse().unwrap_or(LevelFilter::INFO);
    if globals.quiet {
        return configured.min(LevelFilter::WARN);
    }
    let at = LEVELS.iter().position(|level| *level == configured).unwrap_or(2);
    LEVELS[(at + usize::from(globals.verbose)).min(LEVELS.len() - 1)]
}

/// One line of JSON an event: `at`, `level`, `target`, `message` and the event's fields.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let metadata = event.metadata();
        fields.0.insert("at".to_owned(), Clock::system().now().rfc3339().into());
        fields.0.insert("level".to_owned(), metadata.level().as_str().to_lowercase().into());
        fields.0.insert("target".to_owned(), metadata.target().into());
        writeln!(writer, "{}", Value::Object(fields.0))
    }
}

/// The fields of an event.
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}
