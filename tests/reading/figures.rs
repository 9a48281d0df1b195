//! Figures, text message lengths, zones and hours.
