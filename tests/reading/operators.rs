//! Servers, carriers, outputs.
