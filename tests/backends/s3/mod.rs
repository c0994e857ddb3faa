//! S3 as AWS has it: encryption at rest, access points, regions, checksums.

mod access_points;
mod checksums;
mod endpoints;
mod long_names;
mod regions;
mod sse;
