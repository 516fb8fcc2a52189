# The documentation as a site. Its blocks of code run in tests/test_readme.py.

# Every warning is an error, such as a link that leads nowhere.
site() {
    python3 -m venv "$TEMPORARY/site"
    "$TEMPORARY/site/bin/pip" install -q '.[docs]'
    "$TEMPORARY/site/bin/zensical" build --strict
}
