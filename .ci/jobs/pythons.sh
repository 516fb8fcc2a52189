# The package on newer CPythons, each in a system of its own: see .ci/chroot.

PYTHONS=(trixie:3.13 forky:3.14 forky:3.15)

# The tests of the package with the one wheel, which this Python builds. (Among them
# test_package.py builds the extension there, too.)
pythons() {
    need_programs mmdebstrap
    build_wheel
    # Those that need a compiler for other machines, benchmarks or proxies run elsewhere.
    local elsewhere=("${OF_THE_CORE[@]}" proxies readme tape)
    local python failed=()
    for python in "${PYTHONS[@]}"; do
        # CPython 3.15.0 itself crashes when there is no memory for an iterator.
        [ "$python" != forky:3.15 ] || elsewhere+=(calls.py::test_without_memory)
        echo "-- $python"
        test_wheel "${python%:*}" "${python#*:}" "${elsewhere[@]/#/--deselect=tests/test_}" ||
            failed+=("$python")
    done
    [ ${#failed[@]} -eq 0 ] || { echo "failed on ${failed[*]}" && return 1; }
}

# test_wheel SUITE VERSION [PYTEST'S ARGUMENT...]
test_wheel() {
    bash .ci/chroot "$1" bash -euc '
        home=$(mktemp -d)
        trap "rm -rf $home" EXIT
        "python$1" -m venv "$home"
        "$home/bin/pip" install -q "$(echo build/wheel/*.whl)[test]"
        "$home/bin/python" -m pytest "${@:2}"
    ' - "${@:2}"
}

# There is no package of a free-threaded CPython: one is built from source, and stays
# (.ci/interpreter). It is 3.13, because a stable Debian keeps the source of that. cffi's
# setup.py refuses it, but what it compiles for 3.14 works. Wheels are for 3.14: the C
# code is compiled with its headers, from forky.
free_threading() {
    local tests=(calls connection events free_threading h11 messages readers)
    need_programs mmdebstrap
    bash .ci/chroot forky bash -euc '
        gcc -std=c11 -fsyntax-only -Wall -Wextra -Wshadow -Werror -DPy_GIL_DISABLED=1 \
            -D_CFFI_NO_LIMITED_API -Icsrc -Icsrc/include \
            -isystem /usr/include/python3.14 csrc/python/*.c
    '
    bash .ci/chroot trixie bash .ci/interpreter free-threaded
    tests=("${tests[@]/#/tests/test_}")
    bash .ci/chroot trixie bash -euc '
        home=$(mktemp -d)
        trap "rm -rf $home" EXIT
        python3.13 -m venv "$home/tools"
        "$home/tools/bin/pip" download -q --no-deps --no-binary cffi -d "$home" cffi
        tar -xf "$home"/cffi-*.tar.gz -C "$home"
        sed -i "s/^FREE_THREADED_BUILD = .*/FREE_THREADED_BUILD = False/" \
            "$home"/cffi-*/setup.py
        /opt/free-threaded/bin/python3 -m venv --without-pip "$home/threads"
        pip=("$home/tools/bin/pip" -q --python "$home/threads/bin/python")
        "${pip[@]}" install setuptools pycparser pytest h11==0.16.0
        "${pip[@]}" install --no-build-isolation "$home"/cffi-*/
        "${pip[@]}" install --no-build-isolation --no-deps .
        "$home/threads/bin/python" -m pytest "$@"
    ' - "${tests[@]/%/.py}"
}
