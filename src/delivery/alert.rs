//! Alerts to the admins.
