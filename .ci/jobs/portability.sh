# The core on 32 bits, big-endian, musl and Windows.

portability() {
    need_programs gcc-i686-linux-gnu libc6-dev-i386-cross gcc-s390x-linux-gnu \
        libc6-dev-s390x-cross qemu-user musl-tools gcc-mingw-w64-x86-64 wine64
    need_tests
    .venv/bin/python -m pytest tests/portability.py
}
