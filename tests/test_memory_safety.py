"""Objects survive what a program may do with them.

Each attack is a program of its own, because what it is about would end this one: a
crash, or a hang. It must end by itself, without an error, and say that it came there.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import textwrap

import pytest

CPYTHON = sys.implementation.name == "cpython"
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
TIMEOUT = 120

PRELUDE = """
import copy, gc, os, pickle, sys, threading, weakref
import llhttp_cffi.httptools as httptools
from llhttp_cffi import (
    Data, EndOfMessage, LimitError, Limits, MessageError, Request, RequestParser,
    Response, ResponseParser, Upgrade, in_c,
)

GET = b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
POST = b"POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 5\\r\\n\\r\\nhello"
CHUNKED = (
    b"POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
    b"3\\r\\nabc\\r\\n0\\r\\nA: b\\r\\nC: d\\r\\n\\r\\n"
)
UPGRADE = (
    b"GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: upgrade\\r\\n"
    b"Upgrade: x\\r\\n\\r\\n"
)
OK = b"HTTP/1.1 200 OK\\r\\nServer: s\\r\\nContent-Length: 2\\r\\n\\r\\nok"

def raises(kinds, call, *arguments):
    try:
        call(*arguments)
    except kinds as error:
        return error
    raise AssertionError(f"{call} did not raise")
"""


def survives(program: str) -> str:
    """What a program prints, which ends well."""
    source = f"{PRELUDE}\n{textwrap.dedent(program)}\nprint('survived')\n"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", source],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "survived" in done.stdout, done.stderr
    return done.stdout + done.stderr


# ---- Finalizers ----

FINALIZERS = {
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
    "async generator": """
        async def lines(parser, me):
            try:
                yield
            finally:
                use(parser)

        def connect(parser):
            me = []
            generator = lines(parser, me)
            me.append(generator)
            try:
                generator.asend(None).send(None)
            except StopIteration:
                pass

        import warnings
        warnings.simplefilter("ignore")
    """,
    "subclass": """
        def with_finalizer(kind):
            class Parser(kind):
                def __del__(self):
                    use(self)
            return Parser

        RequestParser = with_finalizer(RequestParser)
        ResponseParser = with_finalizer(ResponseParser)

        def connect(parser):
            parser.me = parser
    """,
}

USES = {
    "requests": """
        def use(parser):
            used.append(parser.receive_data(GET + POST + CHUNKED))
            used.append(parser.receive_eof())

        def new():
            return RequestParser()
    """,
    "responses": """
        def use(parser):
            parser.expect("CONNECT")
            used.append(parser.receive_data(OK))

        def new():
            return ResponseParser()
    """,
    "errors": """
        def use(parser):
            try:
                parser.receive_data(b"\\0")
            except MessageError as error:
                used.append(error)

        def new():
            return RequestParser()
    """,
    "pauses": """
        def use(parser):
            parser.resume()
            used.append(parser.receive_data(GET))
            used.append(parser.trailing_data)

        def new():
            parser = RequestParser(pause_after_message=True)
            parser.receive_data(GET * 2)
            parser.receive_data(GET)
            return parser
    """,
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("finalizer", FINALIZERS)
def test_a_finalizer_may_use_the_parser(finalizer: str, use: str) -> None:
    """Of garbage in a cycle, which the collector finalizes in no order that would
    respect who needs whom."""
    survives(
        f"""
        used = []
        {textwrap.indent(textwrap.dedent(USES[use]), " " * 8)}
        {textwrap.indent(textwrap.dedent(FINALIZERS[finalizer]), " " * 8)}
        gc.disable()
        for number in range(20):
            first = new()
            connect(new() if number % 2 else first)
            del first
            gc.collect()
        for _ in range(5):
            gc.collect()
        assert used or "async" in {finalizer!r}, used
        """
    )


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("finalizer", FINALIZERS)
def test_a_finalizer_may_use_the_parser_at_exit(finalizer: str, use: str) -> None:
    survives(
        f"""
        used = []
        {textwrap.indent(textwrap.dedent(USES[use]), " " * 8)}
        {textwrap.indent(textwrap.dedent(FINALIZERS[finalizer]), " " * 8)}
        for _ in range(3):
            connect(new())
        kept = new()
        connect(kept)
        """
    )


def test_a_protocol_may_feed_its_parser_when_it_goes() -> None:
    """httptools' parser, whose callbacks hold it in a cycle."""
    survives(
        """
        called = []

        class Protocol:
            def __init__(self):
                self.parser = httptools.HttpRequestParser(self)
            def on_url(self, url):
                called.append(url)
            on_header = on_body = lambda self, *_: None
            def __del__(self):
                self.parser.feed_data(GET + POST)
                self.parser.set_dangerous_leniencies(lenient_headers=True)

        gc.disable()
        for _ in range(20):
            Protocol().parser.feed_data(GET)
            gc.collect()
        assert len(called) >= 20
        kept = Protocol()
        """
    )


# ---- The collector runs at any allocation ----


@pytest.mark.skipif(not CPYTHON, reason="is about the collector of CPython")
def test_code_that_runs_while_events_are_made_may_use_any_parser() -> None:
    """Of the same thread, so they share a lexicon. The parser at work refuses."""
    survives(
        """
        seen = set()

        class Meddler:
            busy = False
            def __call__(self, phase, info):
                if self.busy or phase != "stop":
                    return
                self.busy = True
                for call in (
                    lambda: parser.receive_data(GET),
                    lambda: parser.receive_eof(),
                    lambda: parser.resume(),
                    lambda: parser.trailing_data,
                    lambda: parser.__init__(),
                ):
                    if working:
                        seen.add(str(raises(RuntimeError, call)))
                other = RequestParser()
                for _ in range(3):
                    events = other.receive_data(HEAD)
                    assert [event.headers for event in events] == [HEADERS], events
                for thing in gc.get_objects():
                    if type(thing) in (Request, Response, EndOfMessage, Data):
                        for name in (*thing._fields, *thing._raw):
                            getattr(thing, name, None)
                self.busy = False

        HEAD = b"GET /a HTTP/1.1\\r\\nHost: b\\r\\nAccept: */*\\r\\nX-Y: z\\r\\n\\r\\n"
        HEADERS = [(b"host", b"b"), (b"accept", b"*/*"), (b"x-y", b"z")]
        working = False
        new = b"GET / HTTP/1.1\\r\\nHost: a\\r\\nNew-%d: x\\r\\n\\r\\n"
        stream = HEAD + CHUNKED + GET + new
        expected = RequestParser().receive_data(stream)
        gc.callbacks.append(Meddler())
        for number in range(40):
            parser = RequestParser()
            gc.set_threshold(1, 1 + number % 5, 1)
            working = True
            events = parser.receive_data(stream)
            working = False
            gc.set_threshold(700)
            assert events == expected
        if sys.version_info < (3, 12):  # later, a collection waits for Python code
            assert len(seen) == 1 and "at work" in seen.pop(), seen
        """
    )


def test_a_parser_may_be_used_in_a_collection_that_another_one_causes() -> None:
    survives(
        """
        class Connection:
            def __init__(self):
                self.parser = RequestParser()
                self.me = self
            def __del__(self):
                assert len(self.parser.receive_data(GET + CHUNKED)) == 4

        if hasattr(gc, "set_threshold"):
            gc.set_threshold(5, 2, 2)
        parser = RequestParser()
        for _ in range(300):
            Connection()
            events = parser.receive_data(GET * 5 + CHUNKED)
            assert len(events) == 8
            assert events[0].headers == [(b"host", b"a")]
        """
    )


@pytest.mark.skipif(not CPYTHON, reason="finds objects by the collector of CPython")
def test_what_the_collector_shows_may_be_changed() -> None:
    survives(
        """
        parser = RequestParser(pause_after_message=True)
        parser.receive_data(GET)
        for data in (POST * 1000, GET * 1000, GET):
            parser.receive_data(data)
        [kept] = [thing for thing in gc.get_referents(parser) if type(thing) is list]
        kept[0] = "text"
        kept.pop()
        raises(RuntimeError, parser.resume)
        raises(RuntimeError, parser.receive_data, GET)

        parser = RequestParser(pause_after_message=True)
        parser.receive_data(GET)
        parser.receive_data(POST)
        [kept] = [thing for thing in gc.get_referents(parser) if type(thing) is list]
        kept.clear()
        parser.trailing_data
        parser.resume()
        """
    )


# ---- Beginning, and beginning again ----


def test_a_second_beginning() -> None:
    """If it is refused the parser is as it was; else it is new."""
    survives(
        """
        parser = RequestParser(pause_after_message=True)
        first = parser.receive_data(GET + POST)
        raises(TypeError, lambda: parser.__init__(lenient=5))
        raises(TypeError, lambda: parser.__init__(limits=5))
        raises(TypeError, lambda: parser.__init__(5))
        assert [type(event) for event in parser.resume()] == [
            Request, Data, EndOfMessage
        ]
        for _ in range(100):
            parser.__init__()
            assert parser.trailing_data == b""
            assert parser.receive_data(GET + POST[:30])[0] == first[0]
        raises(MessageError, parser.receive_data, b"\\0" * 100)
        parser.__init__()
        assert parser.receive_data(GET)

        parser = ResponseParser()
        parser.expect("HEAD")
        parser.__init__()
        assert not parser.receive_data(OK)[0].complete
        """
    )


def test_parsers_that_were_not_initialised() -> None:
    survives(
        """
        for kind in (RequestParser, ResponseParser):
            parser = kind.__new__(kind)
            repr(parser)
            calls = [lambda: parser.receive_data(GET)]
            calls += [parser.receive_eof, parser.resume]
            if kind is ResponseParser:
                calls.append(lambda: parser.expect("HEAD"))
            for call in calls:
                assert "not initialised" in str(raises(RuntimeError, call))
            assert (parser.paused, parser.upgraded) == (False, False)
            assert parser.trailing_data == b""
        """
    )


def test_threads_that_begin_again_while_others_feed() -> None:
    """Each gets what is right or a RuntimeError; nothing breaks."""
    survives(
        """
        sys.setswitchinterval(1e-6)
        parser = RequestParser(pause_after_message=True)
        stop = threading.Event()
        failures = []

        def run(call):
            while not stop.is_set():
                try:
                    call()
                except (RuntimeError, MessageError):
                    pass
                except BaseException as failure:
                    failures.append(failure)
                    raise

        calls = [
            lambda: parser.__init__(pause_after_message=True),
            lambda: parser.receive_data(GET + CHUNKED),
            lambda: parser.receive_data(b"\\0"),
            parser.resume,
            parser.receive_eof,
            lambda: parser.trailing_data,
            lambda: repr(parser),
        ]
        threads = [threading.Thread(target=run, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        stop.wait(1.5)
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []
        parser.__init__()
        assert len(parser.receive_data(GET)) == 1
        """
    )


def test_copies() -> None:
    """Of parsers there are none; of events there are."""
    survives(
        """
        parser = RequestParser(pause_after_message=True)
        request = parser.receive_data(GET + GET)[0]
        httptools_parser = httptools.HttpRequestParser(object())
        for original in (parser, ResponseParser()):
            for way in (copy.copy, copy.deepcopy):
                raises(TypeError, way, original)
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                raises(TypeError, pickle.dumps, original, protocol)
        for way in (copy.copy, copy.deepcopy, pickle.dumps):
            raises(TypeError, way, httptools_parser)
        events = [request, *RequestParser(keep_raw=True).receive_data(CHUNKED)]
        events += ResponseParser().receive_data(OK)
        events += RequestParser().receive_data(UPGRADE + b"rest")
        for event in events:
            for made in (
                copy.copy(event),
                copy.deepcopy(event),
                pickle.loads(pickle.dumps(event)),
            ):
                assert made == event and type(made) is type(event)
                for name in event._raw:
                    assert getattr(made, name) == getattr(event, name)
        """
    )


# ---- Lives ----


def test_methods_outlive_the_variable() -> None:
    survives(
        """
        receive, resume = RequestParser().receive_data, RequestParser().resume
        gc.collect()
        assert len(receive(GET)) == 1
        assert resume() == []
        feed = httptools.HttpRequestParser(object()).feed_data
        gc.collect()
        feed(GET)
        """
    )


def test_subclasses() -> None:
    survives(
        """
        class WithDict(RequestParser):
            def __init__(self, **options):
                super().__init__(**options)
                self.calls = 0
            def receive_data(self, data):
                self.calls += 1
                return super().receive_data(data)

        class WithSlots(ResponseParser):
            __slots__ = ("__weakref__", "a", "b")

        for _ in range(50):
            parser = WithDict()
            assert len(parser.receive_data(GET + CHUNKED)) == 4 and parser.calls == 1
            parser.self = parser
            reference = weakref.ref(parser)
            del parser
            gc.collect()
            assert reference() is None
            parser = WithSlots()
            parser.a = parser
            assert len(parser.receive_data(OK)) == 3
            reference = weakref.ref(parser)
            del parser
            gc.collect()
            assert reference() is None

        class Mine(Request):
            def __init__(self):
                super().__init__("GET", b"/")
                self.more = [self]

        for _ in range(50):
            reference = weakref.ref(Mine())
            gc.collect()
            assert reference() is None
        raises(TypeError, lambda: setattr(RequestParser(), "__class__", int))
        raises(TypeError, lambda: setattr(Data(b""), "__class__", Request))
        raises(TypeError, lambda: setattr(Request("A", b"/"), "__class__", Response))
        """
    )


def test_attributes_of_events_may_go() -> None:
    survives(
        """
        events = RequestParser().receive_data(CHUNKED)
        events += ResponseParser().receive_data(OK)
        for event in events:
            for name in (*event._fields, *event._raw):
                try:
                    delattr(event, name)
                except TypeError:
                    continue  # a bool, which is always there
                try:
                    assert getattr(event, name) is None
                except AttributeError:
                    pass
            copy.copy(event)
            try:
                repr(event), event == event
            except AttributeError:
                pass
        request = Request.__new__(Request)
        raises(AttributeError, lambda: request.headers)
        raises(AttributeError, repr, request)
        """
    )


def test_private_functions_check_what_they_get() -> None:
    if not CPYTHON:
        pytest.skip("has nothing in C")
    survives(
        """
        objects = in_c.objects
        kinds = objects.Kinds
        good = [Request, Response, Data, EndOfMessage, Upgrade, None, (), ()]
        kinds(*good)
        for place in range(8):
            for wrong in (None, 1, int, object, list, type, Limits, Data(b"")):
                if place != 5:
                    bad = [*good]
                    bad[place] = wrong
                    if good[place] is not wrong:
                        raises(TypeError, kinds, *bad)
        raises(TypeError, kinds, Response, Request, *good[2:])
        swapped = [Request, Response, Upgrade, EndOfMessage, Data, *good[5:]]
        raises(TypeError, kinds, *swapped)
        raises(ValueError, kinds, *good[:6], (None,) * 65, ())
        raises(ValueError, kinds, *good[:6], (), (None,) * 101)
        lexicon = objects.Lexicon(1)
        reader = objects.MessageReader()
        for arguments in (
            (1, None, lexicon, b"", 0, 0, 0),
            (1, kinds(*good), None, b"", 0, 0, 0),
            (1, lexicon, kinds(*good), b"", 0, 0, 0),
            (1, kinds(*good), lexicon, "", 0, 0, 0),
            (1, kinds(*good), lexicon, b"", 0, 0, 0),
            (1, kinds(*good), lexicon, b"x" * 1000, 0, 0, 0),
            (),
        ):
            raises((TypeError, ValueError), reader._start, *arguments)
            raises((AttributeError, RuntimeError), reader.receive_data, GET)
        raises(TypeError, lambda: type("Sub", (objects.Lexicon,), {}))
        raises(TypeError, lambda: type("Sub", (kinds,), {}))
        """
    )


# ---- Where code of others runs ----


def test_methods_that_others_override() -> None:
    """Whatever they do the parser has a state, and says so."""
    survives(
        """
        class Stop(BaseException):
            pass

        class Raises(RequestParser):
            def _failure(self, *_):
                raise Stop

        parser = Raises()
        raises(Stop, parser.receive_data, GET + b"\\0")
        assert "lost its place" in str(raises(RuntimeError, parser.receive_data, GET))
        assert repr(parser) == "<Raises failed>"

        class Returns(RequestParser):
            def _failure(self, *_):
                return None
            def _raise(self, error, events):
                return 5

        parser = Returns()
        for _ in range(3):
            try:
                parser.receive_data(b"\\0")
            except (SystemError, RuntimeError, TypeError):
                pass
            except BaseException as error:
                raise

        class Whole(RequestParser):
            def _whole_bytes(self, data):
                return "text"

        raises(TypeError, Whole().receive_data, bytearray(GET))
        """
    )


@pytest.mark.skipif(not CPYTHON, reason="PyPy's RecursionError comes anywhere")
def test_the_end_of_the_stack() -> None:
    """There is no frame for what raises the error."""
    survives(
        """
        def deep(parser):
            try:
                deep(parser)
            except RecursionError:
                try:
                    parser.receive_data(GET + b"\\0")
                except (RecursionError, MessageError, RuntimeError):
                    pass
                raise

        for _ in range(20):
            parser = RequestParser()
            raises(RecursionError, deep, parser)
            raises((MessageError, RuntimeError), parser.receive_data, GET)
            assert repr(parser) == "<RequestParser failed>"
        """
    )


def test_a_signal_handler_may_feed_the_parser() -> None:
    survives(
        """
        import signal, time
        if not hasattr(signal, "setitimer"):
            print("survived")
            sys.exit()
        parser = RequestParser()
        handled = []

        def handler(*_):
            try:
                handled.append(len(parser.receive_data(GET)))
            except RuntimeError as error:
                handled.append(str(error))

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                assert len(parser.receive_data(GET * 3)) == 3
            except RuntimeError:
                pass  # the handler came first, where Python code is at work
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert handled
        """
    )


def test_a_trace_function_may_feed_the_parser() -> None:
    survives(
        """
        parser = RequestParser()
        busy = False

        def meddle(frame, event, argument):
            global busy
            if not busy:
                busy = True
                for call in (lambda: parser.receive_data(GET), parser.resume):
                    try:
                        call()
                    except RuntimeError:
                        pass
                busy = False
            return meddle

        for install in (sys.setprofile, sys.settrace):
            parser = RequestParser()
            install(meddle)
            try:
                for data in (GET, bytearray(GET), CHUNKED, UPGRADE):
                    try:
                        parser.receive_data(data)
                    except RuntimeError:
                        pass
                try:
                    parser.resume()
                    parser.receive_data(b"\\0")
                except (RuntimeError, MessageError):
                    pass
            finally:
                install(None)
        """
    )


# ---- Threads, processes, interpreters ----


def test_parsers_that_share_a_lexicon_in_several_threads() -> None:
    survives(
        """
        sys.setswitchinterval(1e-6)
        stream = GET[:-2] + b"Accept: %d\\r\\nX: y\\r\\n\\r\\n"
        parsers = [RequestParser() for _ in range(8)]
        failures = []

        def run(parser, number):
            try:
                for turn in range(600):
                    [event] = parser.receive_data(stream % (turn % 7))
                    accept = b"accept", b"%d" % (turn % 7)
                    assert event.headers == [(b"host", b"a"), accept, (b"x", b"y")]
                    assert event.raw_names == (b"Host", b"Accept", b"X")
            except BaseException as failure:
                failures.append(failure)
                raise

        threads = [
            threading.Thread(target=run, args=(parser, number))
            for number, parser in enumerate(parsers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        """
    )


def test_threads_that_still_work_at_exit() -> None:
    survives(
        """
        def run(parser):
            while True:
                parser.receive_data(GET * 3 + CHUNKED)

        for _ in range(4):
            threading.Thread(target=run, args=(RequestParser(),), daemon=True).start()
        threading.Event().wait(0.2)
        """
    )


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork")
def test_a_child_goes_on_where_its_parent_was() -> None:
    survives(
        """
        import warnings
        warnings.simplefilter("ignore")  # of threads and fork
        stop = threading.Event()

        def run(parser):
            while not stop.is_set():
                parser.receive_data(GET)

        threads = [
            threading.Thread(target=run, args=(RequestParser(),)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for _ in range(10):
            parser = RequestParser()
            parser.receive_data(CHUNKED[:60])
            child = os.fork()
            if child == 0:
                good = len(parser.receive_data(CHUNKED[60:] + GET)) >= 2
                good = good and len(RequestParser().receive_data(GET)) == 1
                os._exit(0 if good else 1)
            assert os.waitpid(child, 0)[1] == 0
            assert len(parser.receive_data(CHUNKED[60:])) >= 1
        stop.set()
        for thread in threads:
            thread.join()
        """
    )


INTERPRETERS = """
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

    def run(number, source):
        problem = interpreters.run_string(number, source)
        assert problem is None, problem
"""


@pytest.mark.skipif(
    not CPYTHON or FREE_THREADED,
    reason="has no interpreters in interpreters, or none that load cffi's modules",
)
def test_several_interpreters() -> None:
    """Each has its own classes, and lexicons; some go while others work."""
    survives(
        f"""
        {textwrap.indent(textwrap.dedent(INTERPRETERS), " " * 8)}
        SOURCE = '''if True:
            import gc, sys
            sys.path[:] = {{}}
            from llhttp_cffi import RequestParser, ResponseParser
            import llhttp_cffi.httptools as httptools
            GET = b"GET / HTTP/1.1\\\\r\\\\nHost: a\\\\r\\\\n\\\\r\\\\n"
            class Connection:
                def __init__(self):
                    self.parser = RequestParser()
                    self.me = self
                def __del__(self):
                    self.parser.receive_data(GET)
            for _ in range(5):
                parser = RequestParser()
                assert len(parser.receive_data(GET * 3)) == 3
                Connection()
                urls = []
                class Protocol:
                    on_url = staticmethod(urls.append)
                httptools.HttpRequestParser(Protocol()).feed_data(GET)
                assert urls == [b"/"]
                assert httptools.parse_url(b"/a?b").query == b"b"
        '''.format(sys.path)
        parser = RequestParser()
        numbers = [create() for _ in range(4)]
        for turn in range(2):
            for number in numbers:
                run(number, SOURCE)
                assert len(parser.receive_data(GET)) == 1
        for number in numbers:
            interpreters.destroy(number)
            assert len(parser.receive_data(GET + CHUNKED)) == 4
        gc.collect()
        """
    )


@pytest.mark.skipif(
    not CPYTHON or FREE_THREADED,
    reason="has no interpreters in interpreters, or none that load cffi's modules",
)
def test_several_interpreters_in_several_threads() -> None:
    survives(
        f"""
        {textwrap.indent(textwrap.dedent(INTERPRETERS), " " * 8)}
        SOURCE = '''if True:
            import sys
            sys.path[:] = {{}}
            from llhttp_cffi import RequestParser
            GET = b"GET / HTTP/1.1\\\\r\\\\nHost: a\\\\r\\\\n\\\\r\\\\n"
            parser = RequestParser()
            for _ in range(300):
                assert len(parser.receive_data(GET * 3)) == 3
        '''.format(sys.path)
        failures = []

        def work():
            try:
                number = create()
                run(number, SOURCE)
                interpreters.destroy(number)
            except BaseException as failure:
                failures.append(failure)
                raise

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        """
    )


# ---- Without memory ----


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory there")
def test_a_section_for_which_there_is_no_memory() -> None:
    """In C alone, where no object of Python is made."""
    survives(
        """
        import resource
        if "libasan" in os.environ.get("LD_PRELOAD", ""):
            print("survived")  # the sanitizer takes all addresses for itself
            sys.exit()
        parser = RequestParser(
            limits=Limits(start_line=1 << 29, header_line=1 << 29, head=1 << 29)
        )
        parser.receive_data(b"GET / HTTP/1.1\\r\\nA: ")
        piece = b"x" * (1 << 20)
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (48 << 20),) * 2)
        def fill():
            for _ in range(500):
                parser.receive_data(piece)
        raises(MemoryError, fill)
        assert "lost its place" in str(raises(RuntimeError, parser.receive_data, GET))
        assert parser.receive_eof() == []
        parser.__init__()
        assert len(parser.receive_data(GET)) == 1
        """
    )


@pytest.mark.skipif(
    not CPYTHON or FREE_THREADED,
    reason="lets allocations fail, which free-threaded CPython itself does not survive",
)
def test_without_memory_a_parser_is_never_at_work() -> None:
    """Whichever allocation fails, in whichever call."""
    pytest.importorskip("_testcapi")
    survives(
        """
        import _testcapi as testing

        ERRORS = MemoryError, SystemError, MessageError, RuntimeError

        def tried(nth, call):
            try:
                testing.set_nomemory(nth, nth + 1)
                try:
                    call()
                finally:
                    testing.remove_mem_hooks()
            except ERRORS:
                pass

        paused = RequestParser(pause_after_message=True)
        for nth in range(150):
            paused.__init__(pause_after_message=True)
            tried(nth, lambda: paused.receive_data(GET + CHUNKED))
            tried(nth, lambda: paused.receive_data(bytearray(POST)))
            tried(nth, lambda: paused.trailing_data)
            tried(nth, paused.resume)
            tried(nth, paused.resume)
            tried(nth, paused.receive_eof)
            parser = ResponseParser()
            tried(nth, lambda: parser.expect("HEAD"))
            tried(nth, lambda: parser.receive_data(OK + b"\\0"))
            tried(nth, lambda: parser.receive_data(OK))
            switched = RequestParser()
            tried(nth, lambda: switched.receive_data(UPGRADE + b"abc"))
            tried(nth, lambda: switched.receive_data(GET))
            tried(nth, switched.resume)
            tried(nth, lambda: switched.__init__())
            for each in (paused, parser, switched):
                assert each._state != 2, (nth, each)
                each.__init__()
                each.receive_eof()
        """
    )


@pytest.mark.skipif(
    not CPYTHON or FREE_THREADED,
    reason="lets allocations fail, which free-threaded CPython itself does not survive",
)
@pytest.mark.parametrize("method", ["send", "send_parts"])
def test_without_memory_a_connection_has_sent_nothing_or_is_lost(method: str) -> None:
    """Whichever allocation fails."""
    pytest.importorskip("_testcapi")
    survives(
        """
        import _testcapi as testing
        from llhttp_cffi.connection import Connection, Role, State

        LENGTH, CODING = (b"Content-Length", b"3"), (b"Transfer-Encoding", b"chunked")
        LINES = [(b"X-%d" % number, bytearray(b"a")) for number in range(40)]
        WHOLE, CHUNKS = Response(200, headers=[LENGTH]), Response(200, headers=[CODING])
        END = EndOfMessage(((b"X", b"a"),))
        POST = Request("POST", b"/", headers=[(b"Host", b"a"), CODING])

        def answering(*events):
            server = Connection(Role.SERVER)
            server.receive_data(GET)
            for event in events:
                server.send(event)
            return server

        def states(connection):
            return connection.our_state, connection.their_state

        CASES = (
            (answering, Response(200, headers=LINES)),
            (lambda: answering(CHUNKS), Data(b"abc")),
            (lambda: answering(CHUNKS), Data(bytearray(b"abc"))),
            (lambda: answering(CHUNKS), END),
            (lambda: answering(WHOLE), Data(bytearray(b"abc"))),
            (lambda: Connection(Role.CLIENT), POST),
        )

        for make, event in CASES:
            expected = make().METHOD(event)
            for nth in range(150):
                connection, sent = make(), None
                before = states(connection)
                try:
                    testing.set_nomemory(nth, nth + 1)
                    try:
                        sent = connection.METHOD(event)
                    finally:
                        testing.remove_mem_hooks()
                except MemoryError:
                    pass
                if sent is None and connection.our_state is not State.ERROR:
                    assert states(connection) == before, (nth, event, connection)
                    sent = connection.METHOD(event)
                assert sent in (None, expected), (nth, event, sent)
        """.replace("METHOD", method)
    )


@pytest.mark.skipif(
    not CPYTHON or FREE_THREADED,
    reason="lets allocations fail, which free-threaded CPython itself does not survive",
)
@pytest.mark.parametrize("method", ["send", "send_with_data_passthrough"])
def test_without_memory_a_connection_of_h11_fails(method: str) -> None:
    """As h11 fails whenever `send_with_data_passthrough` raises. What `send` joins is
    joined behind that."""
    pytest.importorskip("_testcapi")
    survives(
        """
        import _testcapi as testing
        from llhttp_cffi import h11

        CODING = ("Transfer-Encoding", "chunked")
        CLOSE = ("Connection", "keep-alive, close")
        WHOLE = h11.Response(status_code=200, headers=[("Content-Length", "3")])
        CHUNKS = h11.Response(status_code=200, headers=[CODING, CLOSE])
        LINES = [("X-%d" % number, "a" * 90) for number in range(90)]
        POST = h11.Request(method="POST", target="/", headers=[("Host", "a"), CODING])

        def answering(*events):
            server = h11.Connection(h11.SERVER)
            server.receive_data(GET)
            server.next_event()
            for event in events:
                server.send(event)
            return server

        CASES = (
            (answering, h11.Response(status_code=200, headers=LINES)),
            (answering, CHUNKS),
            (lambda: answering(CHUNKS), h11.Data(data=b"abc")),
            (lambda: answering(CHUNKS), h11.Data(data=bytearray(b"abc"))),
            (lambda: answering(CHUNKS), h11.EndOfMessage(headers=LINES)),
            (lambda: answering(WHOLE), h11.Data(data=bytearray(b"abc"))),
            (lambda: h11.Connection(h11.CLIENT), POST),
        )

        for make, event in CASES:
            expected = make().METHOD(event)
            for nth in range(60):
                connection, sent = make(), None
                try:
                    testing.set_nomemory(nth, nth + 1)
                    try:
                        sent = connection.METHOD(event)
                    finally:
                        testing.remove_mem_hooks()
                except MemoryError:
                    is_joined = isinstance(getattr(event, "data", b""), bytearray)
                    assert connection.our_state is h11.ERROR or (
                        is_joined and "METHOD" == "send"
                    ), (nth, event, connection.our_state)
                else:
                    assert sent == expected, (nth, event, sent)
        """.replace("METHOD", method)
    )


@pytest.mark.skipif(
    not CPYTHON or FREE_THREADED,
    reason="lets allocations fail, which free-threaded CPython itself does not survive",
)
def test_without_memory_the_next_cycle_begins_later() -> None:
    pytest.importorskip("_testcapi")
    survives(
        """
        import _testcapi as testing
        from llhttp_cffi.connection import Connection, Role

        lists, failures = [], 0
        for nth in range(5):
            server = Connection(Role.SERVER)
            lists.append(server.receive_data(GET))
            server.send_response(200, [(b"Content-Length", b"0")])
            start = server.start_next_cycle
            for _ in range(400):  # so that none is left that can be used again
                lists.append([])
            try:
                testing.set_nomemory(nth, nth + 1)
                start()
            except MemoryError:
                testing.remove_mem_hooks()
                failures += 1
                start()
            testing.remove_mem_hooks()
            assert len(server.receive_data(GET)) == 1, nth
        assert failures
        """
    )
