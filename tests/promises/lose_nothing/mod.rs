//! Nothing that was stored is lost.

mod answers;
mod cells;
mod faults;
mod kills;
mod life;
mod races;
mod writes;
