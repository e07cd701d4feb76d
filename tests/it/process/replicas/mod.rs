//! Several real servers on one PostgreSQL, behind no coordinator: everything is done once, whoever does it.

mod fleet;
mod idle;
mod leaving;
mod storm;
mod takeover;
mod together;
mod upgrade;

use fleet::{Fleet, on_postgres};
