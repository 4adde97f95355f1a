//! The statistics against values computed a second way, against their promises in simulation, and their invariants.

mod reference;
