//! The word list: words to be said aloud over a telephone, for people in a bad moment. Never a word that offends, alarms
//! or means something in a clinic, a court or a benefits office; never one that sounds like another.
//!
//! What a word must be (the tests hold all but the last two): 3 to 6 letters; not a homophone; any two at
//! Damerau-Levenshtein distance 2 or more, so that one slip never makes another word; any two pairs of words at distance 2 or
//! more when written without a gap; any two different in at least two sounds; known to everybody.

use std::sync::LazyLock;

/// Letters of the shortest and the longest word.
pub(super) const LENGTHS: std::ops::RangeInclusive<usize> = 3..=6;

static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("words.txt").lines().collect());

/// All words, sorted.
pub(super) fn words() -> &'static [&'static str] {
    &WORDS
}

/// The word of the list that `text` is.
pub(super) fn word(text: &str) -> Option<&'static str> {
    WORDS.binary_search(&text).ok().map(|at| WORDS[at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashMap};

    /// Groups that sound alike; no word of them may be in the list.
    const HOMOPHONES: &str = "aisle isle ant aunt ate eight bare bear base bass be bee beach beech bean been beat beet berry bury \
        blew blue boar bore board bored bow beau brake break bread bred buy by bye canvas canvass ceiling sealing cell sell \
        cellar seller cent scent sent cereal serial chord cord coarse course colonel kernel coral choral creak creek currant \
        current dear deer desert dessert dew due do doe dough die dye ewe you yew fair fare feat feet fir fur flea flee \
        flour flower for four fore gait gate grate great groan grown hail hale hair hare hall haul heal heel hear here heard \
        herd heroin heroin him hymn hoarse horse hole whole idle idol in inn jeans genes knead need knight night knot not \
        know no knows nose lead led leak leek loan lone made maid mail male main mane meat meet medal meddle metal mettle \
        mist missed moose mousse morning mourning muscle mussel new knew oar ore or one won pail pale pain pane pair pear \
        pare pause paws peace piece peak peek pedal peddle peer pier plain plane plum plumb pole poll pore pour praise prays \
        principal rain reign rein raise rays read red reed right write road rode role roll root route rose rows rough ruff rye \
        wry sail sale scene seen sea see seam seem sew so sow shore sure sight site cite sleigh slay soar sore sole soul some \
        sum son sun stair stare stake steak stationery steal steel tail tale tea tee team teem their there threw through \
        throne thrown tide tied time thyme toad towed toe tow to too two vain vane vein vale veil vary very wade weighed waist \
        waste wait weight wail whale ware wear where way weigh weak week weather whether which witch whine wine wood would \
        yoke yolk your";

    /// What must never be asked of a client to say, or mixes up with how an address is spelled out.
    const UNFIT: &str = "jail cell drug gun fat poor court judge jury law lawyer police cop crime prison arrest tax debt bill \
        rent loan bank credit sick pain blood pill nurse doctor needle cancer death dead grave bomb knife bullet kill slave \
        race black white god devil church mosque vote alien border native immigrant drunk beer wine dash dot period hyphen \
        space upper lower capital letter digit number double triple zero one two three four five six seven eight nine ten \
        eleven twelve mail email photo file case staff admin abuse";

    #[test]
    fn sorted_unique_and_of_the_right_length() {
        assert!(words().len() >= 1_000, "{}", words().len());
        assert!(words().is_sorted_by(|a, b| a < b));
        for word in words() {
            assert!(LENGTHS.contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
        }
    }

    #[test]
    fn no_homophone_and_no_unfit_word() {
        for banned in HOMOPHONES.split_whitespace().chain(UNFIT.split_whitespace()) {
            assert_eq!(word(banned), None);
        }
    }

    #[test]
    fn one_slip_never_makes_another_word() {
        for (i, a) in words().iter().enumerate() {
            for b in &words()[i + 1..] {
                if a.len().abs_diff(b.len()) <= 1 {
                    assert!(strsim::damerau_levenshtein(a, b) >= 2, "{a} {b}");
                }
            }
        }
    }

    /// Words by themselves and by what is left of them without one letter.
    struct Nearby(HashMap<String, Vec<&'static str>>);

    impl Nearby {
        fn new() -> Self {
            let mut map: HashMap<String, Vec<&str>> = HashMap::new();
            for word in words() {
                Self::keys(word).into_iter().for_each(|key| map.entry(key).or_default().push(word));
            }
            Self(map)
        }

        fn keys(text: &str) -> BTreeSet<String> {
            let without = |at| format!("{}{}", &text[..at], &text[at + 1..]);
            (0..text.len()).map(without).chain([text.to_owned()]).collect()
        }

        /// Words at most one slip from `text`.
        fn of(&self, text: &str) -> BTreeSet<&'static str> {
            let near = |word: &&&str| strsim::damerau_levenshtein(word, text) <= 1;
            Self::keys(text)
                .iter()
                .flat_map(|key| self.0.get(key).into_iter().flatten())
                .filter(near)
                .copied()
                .collect()
        }
    }

    /// Pairs written without a gap can only be near each other where one first word continues the other (`tea`, `teacup`)
    /// and the slip lies after both, or one second word ends with the other and the slip lies before both, or it lies
    /// between; slips elsewhere would be slips within a word.
    #[test]
    fn one_slip_never_makes_another_pair_without_a_gap() {
        let nearby = Nearby::new();
        let splits = |long: &'static str| (1..long.len()).map(move |at| (long, long.split_at(at)));
        let all = || words().iter().flat_map(|long| splits(long));
        let continued: Vec<_> = all().filter(|(_, (head, _))| word(head).is_some()).collect();
        let ending: Vec<_> = all().filter(|(_, (_, tail))| word(tail).is_some()).collect();
        for (long, (head, rest)) in &continued {
            for second in words() {
                let other = nearby.of(&format!("{rest}{second}"));
                assert!(other.is_empty(), "{long}-{second} is near {head}-{other:?}");
            }
            for (other, (start, tail)) in &ending {
                let far = strsim::damerau_levenshtein(rest, start) >= 2;
                assert!(far, "{long}-{tail} is near {head}-{other}");
            }
        }
        for (long, (start, tail)) in &ending {
            for first in words() {
                let other = nearby.of(&format!("{first}{start}"));
                assert!(other.is_empty(), "{first}-{long} is near {other:?}-{tail}");
            }
        }
    }
}
