# The documentation as a site. Its blocks of code run in tests/test_readme.py.

# Every warning is an error, such as a link that leads nowhere. Then the page to try the
# parser in runs in a browser.
site() {
    need_programs chromium
    python3 -m venv "$TEMPORARY/site"
    "$TEMPORARY/site/bin/pip" install -q '.[docs]'
    "$TEMPORARY/site/bin/zensical" build --strict
    make -C csrc wasm
    cp csrc/build/llmsg.wasm csrc/wasm/llmsg.mjs build/site/try
    SITE=build/site CHROMIUM=/usr/bin/chromium \
        "$TEMPORARY/site/bin/python" -m pytest tests/page.py tests/reference.py
}
