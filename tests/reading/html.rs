//! HTML as readers see it.
