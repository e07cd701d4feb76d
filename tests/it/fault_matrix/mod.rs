//! Every fault of GitHub's at every endpoint of every stage: each ends as if nothing had happened.
//!
//! | | issue | pull | queue | release | deployment |
//! | --- | --- | --- | --- | --- | --- |
//! | an answer of GitHub's ([`faults::answers`]) | at every endpoint | … | … | … | … |
//! | a webhook ([`faults::posts`]) | every one | … | … | … | … |
//! | the key, the installation, the repository ([`access`], [`moving`]) | a story each | | | | |
//! | what is deleted ([`deleting`]) | a story each | | | | |
//!
//! A cell is one stage ([`stages`]) played in a world of its own, in which the first calls of each endpoint fail; its end
//! ([`end`]) is compared with that of the undisturbed play. With `STATIONMASTER_FAULTS_EACH=1` every endpoint has worlds
//! of its own besides, in which its first call fails, its second, and three in a row.

mod access;
mod deleting;
mod end;
mod faults;
mod logs;
mod moving;
mod outage;
mod stages;
