# h11 and ours side by side: what is received, and what is sent.

connections() {
    need_tests
    local fuzzer=fuzz/connections/side_by_side.py
    .venv/bin/python "$fuzzer" --seed 1000000 --sequences 60000
    .venv/bin/python "$fuzzer" --seed 2000000 --sequences 10000 --in-python
}
