#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lazycred_fuzz::run(
    lazycred_fuzz::targets::config,
    input
));
