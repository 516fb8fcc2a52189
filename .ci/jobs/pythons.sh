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
# (.ci/interpreter). It is 3.13, because a stable Debian keeps the source of that. Wheels
# are for 3.14: the C code is compiled with its headers, from forky.
free_threading() {
    need_programs mmdebstrap
    bash .ci/chroot forky bash -euc '
        gcc -std=c11 -fsyntax-only -Wall -Wextra -Wshadow -Werror -DPy_GIL_DISABLED=1 \
            -D_CFFI_NO_LIMITED_API -Icsrc -Icsrc/include \
            -isystem /usr/include/python3.14 csrc/python/*.c
    '
    bash .ci/chroot trixie bash .ci/interpreter free-threaded
    test_threads
    test_threads address
    # The twins in Python are for interpreters on which threads take turns.
    local twin='tests/test_connection.py::test_threads_take_turns[in Python]'
    test_threads thread --deselect="$twin"
}

# test_threads [SANITIZER] [PYTEST'S ARGUMENT...]
test_threads() (
    local tests=(calls connection events free_threading h11 messages readers)
    tests=("${tests[@]/#/tests/test_}")
    git clone --quiet . "$TEMPORARY/threads${1:+-$1}"
    cd "$TEMPORARY/threads${1:+-$1}"
    bash .ci/chroot trixie bash .ci/threads "${1:-}" "${@:2}" "${tests[@]/%/.py}"
)
