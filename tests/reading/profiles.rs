//! Profiles: fields, tables, ages, places, names.
