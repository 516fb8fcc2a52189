"""`Parser` survives what a program may do with it, and so do its callbacks.

Each attack is a program of its own, because what it is about would end this one: a
crash, or a hang. It must end by itself, without an error, and say that it came there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support.callbacks_ways import WAYS

CPYTHON = sys.implementation.name == "cpython"
TIMEOUT = 120

PRELUDE = """
import copy, gc, os, pickle, sys, threading, weakref
from support.callbacks_ways import PARSER_CLASSES
from llhttp_cffi import Action, Errno, Event, Kind, ParseError, Span, Stop, Type

Parser = PARSER_CLASSES[WAY]
IN_C = WAY == "calls in C"
REQUEST, RESPONSE = Type.REQUEST, Type.RESPONSE
GET = b"GET / HTTP/1.1\\r\\nHost: a\\r\\nB: c\\r\\nD: e\\r\\n\\r\\n"
OK = b"HTTP/1.1 200 OK\\r\\n\\r\\nbody"

def raises(kinds, call, *arguments):
    try:
        call(*arguments)
    except kinds as error:
        return error
    raise AssertionError(f"{call} did not raise")

class Handler:
    def __init__(self, act=lambda self: None):
        self.calls = []
        self.act = act
    def on_url(self, data):
        self.calls.append(data)
    def on_header_field(self, data):
        self.calls.append(data)
        return self.act(self)
    def on_headers_complete(self):
        self.calls.append("head")
    def on_message_complete(self):
        self.calls.append("end")

ALL = [b"/", b"Host", b"B", b"D", "head", "end"]
"""


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def survives(way: str, program: str) -> None:
    """The program ends well."""
    source = f"WAY = {way!r}\n{PRELUDE}\n{textwrap.dedent(program)}\nprint('survived')"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", source],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "survived\n", done.stdout + done.stderr


# ---- Finalizers ----

CONNECTIONS = {
    "__del__": """
        class Connection:
            def __del__(self):
                use(self.parser)

        def connect(parser):
            connection = Connection()
            connection.parser = parser
            connection.me = connection
    """,
    "weakref.finalize": """
        class Connection:
            pass

        def connect(parser):
            connection = Connection()
            connection.me = connection
            connection.parser = parser
            weakref.finalize(connection, use, parser)
    """,
    "weakref callback": """
        references = []

        class Connection:
            pass

        def connect(parser):
            connection = Connection()
            connection.me = connection
            connection.parser = parser
            references.append(weakref.ref(connection, lambda _: use(parser)))
    """,
    "generator": """
        def lines(parser, me):
            try:
                yield
            finally:
                use(parser)

        def connect(parser):
            me = []
            generator = lines(parser, me)
            me.append(generator)
            next(generator)
    """,
    "of the handler": """
        class Mine(Handler):
            def __del__(self):
                use(self.parser)

        def connect(parser):
            handler = Mine()
            handler.parser = Parser(REQUEST, handler)
    """,
    "of a subclass": """
        class Mine(Parser):
            def __del__(self):
                use(self)

        def connect(parser):
            parser = Mine(REQUEST, Handler())
            parser.me = parser
    """,
}


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("at_exit", [False, True], ids=["collected", "at exit"])
def test_finalizers_may_feed_a_parser(connection: str, at_exit: bool, way: str) -> None:
    """In a cycle, collected in any order, or while the interpreter shuts down."""
    survives(
        way,
        f"""
        used = []

        def use(parser):
            try:
                used.append(parser.execute(GET))
                parser.finish()
            except RuntimeError as error:
                assert "not initialised" in str(error)

        {textwrap.indent(textwrap.dedent(CONNECTIONS[connection]), " " * 8).strip()}

        gc.disable()
        for _ in range(20):
            connect(Parser(REQUEST, Handler()))
            parser = Parser(REQUEST)
            connect(parser)
            del parser
        if not {at_exit}:
            for _ in range(3):
                gc.collect()
            assert used and set(used) == {{len(GET)}}, used
        """,
    )


def test_a_parser_that_is_its_own_handler_is_collected(way: str) -> None:
    survives(
        way,
        """
        class Own(Parser):
            def __init__(self):
                super().__init__(REQUEST, self)
            def on_url(self, data):
                pass

        parser = Own()
        assert parser.execute(GET) == len(GET)
        dead = weakref.ref(parser)
        del parser
        for _ in range(3):
            gc.collect()
        assert dead() is None
        """,
    )


# ---- Beginning, and beginning again ----


def test_not_begun_again_from_inside_a_callback(way: str) -> None:
    survives(
        way,
        """
        refused = []

        def again(handler):
            refused.append(raises(RuntimeError, parser.__init__, REQUEST, handler))
            refused.append(raises(RuntimeError, parser.__init__, REQUEST))
            gc.collect()

        handler = Handler(again)
        parser = Parser(REQUEST, handler)
        assert parser.execute(GET) == len(GET)
        assert handler.calls == ALL
        assert len(refused) == 6 and "at work" in str(refused[0])
        """,
    )


def test_a_beginning_that_is_refused_changes_nothing(way: str) -> None:
    survives(
        way,
        """
        class Wrong:
            on_url = 5

        class Raises:
            @property
            def on_url(self):
                raise LookupError

        handler = Handler()
        parser = Parser(REQUEST, handler)
        parser.execute(GET[:20])
        for _ in range(100):
            raises(TypeError, lambda: parser.__init__(REQUEST, lenient=5))
            raises(ValueError, parser.__init__, 7)
            raises(TypeError, parser.__init__, REQUEST, Wrong())
            raises(LookupError, parser.__init__, REQUEST, Raises())
            raises(TypeError, parser.__init__)
        parser.execute(GET[20:])
        assert b"".join(c for c in handler.calls if type(c) is bytes) == b"/HostBD"
        assert handler.calls[-1] == "end"
        """,
    )


def test_begun_again_it_is_new(way: str) -> None:
    survives(
        way,
        """
        parser = Parser(REQUEST, Handler())
        raises(ParseError, parser.execute, b"?")
        for _ in range(100):
            handler = Handler()
            parser.__init__(REQUEST, handler)
            gc.collect(0)
            assert parser.offset == 0 and parser.errno is Errno.OK
            assert parser.execute(GET) == len(GET) and handler.calls == ALL
        parser.__init__(RESPONSE)
        assert len(list(parser.events(OK))) == 9
        """,
    )


def test_begun_again_by_what_it_lets_go(way: str) -> None:
    """The old handler's finalizer uses the parser in the middle of `__init__`."""
    survives(
        way,
        """
        class Last(Handler):
            def __del__(self):
                parser.__init__(REQUEST)
                used.append(parser.execute(GET))

        used = []
        parser = Parser(REQUEST, Last())
        parser.__init__(REQUEST, Handler())
        gc.collect()
        assert used == [len(GET)]
        assert parser.execute(GET) == len(GET)
        """,
    )


def test_threads_that_begin_again_while_others_feed(way: str) -> None:
    survives(
        way,
        """
        sys.setswitchinterval(1e-6)
        parser = Parser(REQUEST, Handler())
        stop = threading.Event()
        failures = []

        def run(call):
            while not stop.is_set():
                try:
                    call()
                except (RuntimeError, ParseError):
                    pass
                except BaseException as failure:
                    failures.append(failure)
                    raise

        calls = [
            lambda: parser.__init__(REQUEST, Handler()),
            lambda: parser.execute(GET),
            lambda: parser.execute(b"?"),
            parser.reset,
            parser.pause,
            parser.resume,
            parser.finish,
            lambda: repr(parser),
        ]
        threads = [threading.Thread(target=run, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        stop.wait(1)
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == [], failures
        parser.__init__(REQUEST)
        assert parser.execute(GET) == len(GET)
        """,
    )


def test_a_parser_that_was_not_initialised(way: str) -> None:
    survives(
        way,
        """
        parser = Parser.__new__(Parser)
        for call in (
            lambda: parser.execute(GET),
            lambda: parser.events(GET),
            parser.finish,
            parser.finish_events,
            parser.reset,
        ):
            assert "not initialised" in str(raises(RuntimeError, call))
        repr(parser), parser.paused, parser.offset, parser.method, parser.reason
        parser.pause()
        parser.resume()
        """,
    )


def test_there_are_no_copies(way: str) -> None:
    survives(
        way,
        """
        parser = Parser(REQUEST)
        for call in (copy.copy, copy.deepcopy):
            assert "copied" in str(raises(TypeError, call, parser))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            raises(TypeError, pickle.dumps, parser, protocol)
        """,
    )


# ---- Callbacks ----


def test_a_callback_may_let_the_parser_go(way: str) -> None:
    survives(
        way,
        """
        def let_go(handler):
            handlers.clear()
            gc.collect()

        handlers = [Handler(let_go)]
        calls = handlers[0].calls
        execute = Parser(REQUEST, handlers[0]).execute
        assert execute(GET) == len(GET) and calls == ALL
        handlers = [Handler(let_go)]
        calls = handlers[0].calls
        assert Parser(REQUEST, handlers[0]).execute(bytearray(GET)) == len(GET)
        assert calls == ALL
        """,
    )


def test_a_callback_may_change_the_handler(way: str) -> None:
    survives(
        way,
        """
        def change(handler):
            handler.__dict__.clear()
            handler.calls, handler.act = [], lambda self: None
            for name in ("on_url", "on_headers_complete", "on_message_complete"):
                if hasattr(Handler, name):
                    delattr(Handler, name)
            gc.collect()

        parser = Parser(REQUEST, Handler(change))
        assert parser.execute(GET) == len(GET)
        """,
    )


def test_a_callback_may_use_everything(way: str) -> None:
    survives(
        way,
        """
        def use(handler):
            for call in (
                lambda: parser.execute(GET), parser.finish, parser.reset,
                lambda: parser.events(GET), parser.finish_events,
            ):
                assert "at work" in str(raises(RuntimeError, call))
            raises(TypeError, copy.copy, parser)
            parser.pause(), parser.resume(), parser.resume_after_upgrade()
            for name in dir(parser):
                getattr(parser, name)
            inner = Handler(lambda _: gc.collect() and None)
            assert Parser(REQUEST, inner).execute(GET) == len(GET)
            assert inner.calls == ALL

        handler = Handler(use)
        parser = Parser(REQUEST, handler)
        assert parser.execute(GET) == len(GET) and handler.calls == ALL
        """,
    )


def test_the_end_of_the_stack(way: str) -> None:
    """Parsers in callbacks of parsers, as deep as it goes."""
    survives(
        way,
        """
        def deeper(handler):
            Parser(REQUEST, Handler(deeper)).execute(GET)

        parser = Parser(REQUEST, Handler(deeper))
        sys.setrecursionlimit(400)
        raises(RecursionError, parser.execute, GET)
        sys.setrecursionlimit(1000)
        assert parser.failed
        parser.__init__(REQUEST)
        assert parser.execute(GET) == len(GET)
        """,
    )


def test_answers_that_make_hundreds_of_parsers(way: str) -> None:
    survives(
        way,
        """
        from llhttp_cffi.callbacks.names import CALLBACKS

        def answer(event):
            for number in range(300):
                names = [n for i, n in enumerate(CALLBACKS) if number >> i & 1]
                handler = type("H", (), {name: lambda *_: None for name in names})()
                Parser(REQUEST, handler).execute(GET)
            gc.collect()

        kinds = [event.kind for event in Parser(REQUEST).events(GET)]
        parser = Parser(REQUEST)
        assert [event.kind for event in parser.events(GET, answer)] == kinds
        """,
    )


def test_answers_that_change_the_events(way: str) -> None:
    survives(
        way,
        """
        def answer(event):
            for name in ("kind", "offset", "data"):
                try:
                    delattr(event, name)
                except (AttributeError, TypeError):
                    pass
            event.kind = event
            if CPYTHON:
                for thing in gc.get_referrers(event):
                    if type(thing) is list and len(thing) < 40:
                        thing.clear()

        CPYTHON = sys.implementation.name == "cpython"
        parser = Parser(REQUEST)
        list(parser.events(GET, answer))
        gc.collect()
        assert list(parser.events(GET))
        """,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_what_signal_handlers_raise_comes_out(way: str) -> None:
    survives(
        way,
        """
        import signal

        class Alarm(BaseException):
            pass

        def handler(*_):
            raise error

        for error in (KeyboardInterrupt(), Alarm()):
            signal.signal(signal.SIGUSR1, handler)
            parser = Parser(
                REQUEST, Handler(lambda _: os.kill(os.getpid(), signal.SIGUSR1))
            )
            try:
                parser.execute(GET)
            except BaseException as caught:
                assert caught is error, caught
            else:
                raise AssertionError
            assert parser.failed
            parser.reset()
            assert parser.errno is Errno.OK
        """,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
def test_a_fork_in_a_callback(way: str) -> None:
    survives(
        way,
        """
        children = []

        def fork(handler):
            if not children:
                children.append(os.fork())

        handler = Handler(fork)
        good = Parser(REQUEST, handler).execute(GET) == len(GET)
        good = good and handler.calls == ALL
        if children[0] == 0:
            os._exit(0 if good else 1)
        assert good and os.waitpid(children[0], 0)[1] == 0
        """,
    )


# ---- Interpreters ----


@pytest.mark.skipif(not CPYTHON, reason="has no interpreters in interpreters")
def test_other_interpreters() -> None:
    """Callbacks and events work there, and end with it."""
    survives(
        "calls in C",
        """
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters

        def create():
            for arguments in (("legacy",), ()):
                try:
                    return interpreters.create(*arguments)
                except TypeError:
                    continue

        SOURCE = '''if True:
            import gc, sys
            sys.path[:] = {}
            from llhttp_cffi import Parser, Type
            GET = b"GET / HTTP/1.1\\\\r\\\\nHost: a\\\\r\\\\n\\\\r\\\\n"
            class Handler:
                def on_url(self, data):
                    urls.append(data)
                    gc.collect()
            urls = []
            parser = Parser(Type.REQUEST, Handler())
            for _ in range(10):
                assert parser.execute(GET) == len(GET)
            assert urls == [b"/"] * 10
            assert len(list(Parser(Type.REQUEST).events(GET))) == 15
        '''.format(sys.path)
        def work():
            number = create()
            problem = interpreters.run_string(number, SOURCE)
            assert problem is None, problem
            interpreters.destroy(number)
            done.append(number)

        done = []
        parser = Parser(REQUEST, Handler())
        for _ in range(2):
            work()
            assert parser.execute(GET) == len(GET)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 5
        """,
    )


# ---- Without memory ----


@pytest.mark.skipif(not CPYTHON, reason="lets allocations of CPython fail")
def test_whichever_allocation_fails_no_callback_is_lost(way: str) -> None:
    """All callbacks are called, or an exception comes out; never neither."""
    pytest.importorskip("_testcapi")
    if sys.version_info >= (3, 12):
        pytest.skip("without memory this interpreter fails in imports and closures")
    survives(
        way,
        """
        import _testcapi as testing

        class Count:
            # Nothing that needs memory.
            calls = 0
            def on_url(self, data):
                Count.calls += 1
            on_header_field = on_header_value = on_url
            def on_headers_complete(self):
                Count.calls += 1

        def tried(nth, call, *expected):
            try:
                testing.set_nomemory(nth, nth + 1)
                try:
                    return call()
                finally:
                    testing.remove_mem_hooks()
            except (MemoryError, SystemError, *expected):
                return None

        parser = Parser(REQUEST, Count())
        whole = [event.kind for event in Parser(REQUEST).events(GET)]
        completed = 0
        for nth in range(250):
            Count.calls = 0
            parser.__init__(REQUEST, Count())
            result = tried(nth, lambda: parser.execute(GET))
            if result is not None:
                assert (result, Count.calls) == (len(GET), 8), (nth, Count.calls)
                completed += 1
            parser.__init__(REQUEST)
            events = tried(nth, lambda: parser.events(GET))
            if events is not None:
                found = [event.kind for event in events]
                assert found == whole, nth
            parser.__init__(REQUEST)
            tried(nth, lambda: parser.events(GET + b"?"), ParseError)
            tried(nth, lambda: parser.execute(b"?"), ParseError)
            tried(nth, lambda: parser.execute(bytearray(GET)), ParseError)
            tried(nth, parser.finish, ParseError)
            tried(nth, lambda: parser.__init__(REQUEST, Count()))
            tried(nth, parser.reset)
            parser.__init__(RESPONSE)
            parser.execute(OK)
            tried(nth, parser.finish_events)
            parser.reset()
        assert completed > 10
        """,
    )


# ---- References ----


@pytest.mark.skipif(not CPYTHON, reason="counts references")
def test_references_are_given_back(way: str) -> None:
    survives(
        way,
        """
        class Own:
            def on_url(self, data):
                return Action.CONTINUE
            def on_headers_complete(self):
                return None

        things = [None, True, False, 0, 1, b"", b"a", Action.CONTINUE, Kind.URL,
                  Kind.MESSAGE_BEGIN, Event, Span, Own.on_url, Type.REQUEST]
        handler = Own()
        parser, other = Parser(REQUEST, handler), Parser(REQUEST)

        def use():
            for _ in range(1000):
                parser.execute(GET)
                for event in other.events(GET):
                    pass
                Parser(REQUEST, handler)
                raises(TypeError, lambda: Parser(REQUEST, None, lenient=1))

        use()
        before = [sys.getrefcount(thing) for thing in things]
        use()
        after = [sys.getrefcount(thing) for thing in things]
        drift = [abs(a - b) for a, b in zip(after, before)]
        assert max(drift) < 100, drift
        """,
    )
