/* sweep_messages.c - messages that between them reach every state. Short ones:
 * the sweep tries each byte at each of their places.
 */
#include "sweep_messages.h"

#include "llhttp.h"

#define REQUEST(TEXT) {HTTP_REQUEST, TEXT},
#define RESPONSE(TEXT) {HTTP_RESPONSE, TEXT},
#define BOTH(TEXT) {HTTP_BOTH, TEXT},

#define NEXT "GET / HTTP/1.1\r\n\r\n"

const struct sweep_message SWEEP_MESSAGES[] = {
    /* Start lines */
    REQUEST("\r\nGET /path?query#fragment HTTP/1.1\r\n\r\n" NEXT)
    REQUEST("OPTIONS  http://user:pw@host:80/p  HTTP/1.0\r\n\r\n")
    REQUEST("CONNECT host:443 HTTP/1.1\r\n\r\ntunnel")
    REQUEST("M-SEARCH * HTTP/2.0\r\n\r\n")
    REQUEST("PROPPATCH /?a?b##c HTTP/0.9\r\n\r\n")
    REQUEST("MKCALENDAR h://a@[b]?q HTTP/1.1\r\n\r\n")
    REQUEST("GET /\r\nA: b\r\n\r\n")
    REQUEST("SOURCE /s ICE/1.0\r\n\r\n")
    REQUEST("GET_PARAMETER rtsp://h/ RTSP/1.0\r\n\r\n")
    REQUEST("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0")
    REQUEST("GET /a/long/path/of/more/than/one/vector/of/thirty-two/bytes HTTP/1.1"
            "\r\n\r\n")
    BOTH("HEAD / HTTP/1.1\r\n\r\n" NEXT)
    BOTH("HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200\r\n\r\n")
    BOTH("PUT / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")
    RESPONSE("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab\r\nHTTP/1.1 304 \r\n\r\n")
    RESPONSE("RTSP/1.0 200\r\n\r\nbody")
    RESPONSE("ICE/1.0 404 Not Found\r\n\r\n")

    /* Fields */
    REQUEST("GET / HTTP/1.1\r\nHost: example.org\r\nAccept:\r\nA:\t b c \r\n\r\n")
    REQUEST("GET / HTTP/1.1\r\nA:\r\n b\r\nC: d\r\n\te\r\n f\r\n\r\n")
    REQUEST("GET / HTTP/1.1\r\nAccept-Encoding-And-A-Long-Field-Name: with a value "
            "that is longer than one or two vectors\r\nB: c\r\n\r\n" NEXT)
    RESPONSE("HTTP/1.1 200 OK\r\nServer: some\r\nConnection: close\r\n"
             "Content-Length: 1\r\n\r\nxHTTP")
    REQUEST("GET / HTTP/1.1\r\nConnection : x\r\n content-length\r\n\r\n")

    /* Content-Length */
    REQUEST("PUT / HTTP/1.1\r\nContent-Length: 3 \t\r\n\r\nabc" NEXT)
    REQUEST("PUT / HTTP/1.1\r\ncontent-length:\r\n 1\r\n\r\na")
    REQUEST("PUT / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\nab")
    REQUEST("PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na")
    REQUEST("PUT / HTTP/1.1\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n"
            "\r\n0\r\n\r\n")

    /* Transfer-Encoding */
    REQUEST("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip,\tchunked \r\n\r\n"
            "1\r\na\r\n0\r\n\r\n" NEXT)
    REQUEST("PUT / HTTP/1.1\r\nTRANSFER-ENCODING:chunked, x\r\n\r\n0\r\n\r\n")
    REQUEST("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x"
            "\r\n\r\n0\r\n\r\n")
    REQUEST("PUT / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n x\r\n\r\n0\r\n\r\n")
    RESPONSE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\nbody")
    RESPONSE("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n"
             "a")

    /* Connection and Upgrade */
    REQUEST("GET / HTTP/1.1\r\nConnection: close\r\n\r\n\r\n" NEXT)
    REQUEST("GET / HTTP/1.0\r\nConnection: Keep-Alive , x\r\n\r\n" NEXT)
    REQUEST("GET / HTTP/1.1\r\nConnection: upgrade,close\r\nUpgrade: ws\r\n\r\n\x81")
    REQUEST("PUT / HTTP/1.1\r\nUpgrade: x\r\nConnection: \tUpgrade\r\n"
            "Content-Length: 1\r\n\r\nab")
    REQUEST("GET / HTTP/1.1\r\nProxy-Connection: closed, keep-alive x, close\r\n\r\n")
    REQUEST("GET / HTTP/1.0\r\nConnection: clo\r\n se, close\r\n , upgrade\r\n\r\n"
            NEXT)
    RESPONSE("HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n\x81")
    RESPONSE("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n"
             "aHTTP/1.1 200 OK\r\n\r\n")

    /* Which responses have a body */
    RESPONSE("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx")
    RESPONSE("HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\nHTTP/1.1 199 x\r\n\r\n")
    RESPONSE("HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 102\r\n\r\n")

    /* Chunks */
#define CHUNKED "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    REQUEST(CHUNKED "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n" NEXT)
    REQUEST(CHUNKED "1;a\r\nx\r\n1;b=c;d=\"e\"\r\ny\r\n0;f=;=g;h\r\n\r\n")
    REQUEST(CHUNKED "1;a=b\"c \\\"d\\\\e\xc3\xa9\";f\r\nx\r\n0;q=\"\"\r\n\r\n")
    REQUEST(CHUNKED "1 \t\r\nx\r\n0 ;a\r\n\r\n")
    REQUEST(CHUNKED "0\r\nTrailer: x\r\nConnection: close\r\nUpgrade: y\r\n\r\n" NEXT)
    REQUEST(CHUNKED "ffffffffffffffff\r\nabc")
    RESPONSE("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
             "2\r\nok\r\n00\r\nT:\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    REQUEST("PUT / HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n"
            "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nx")

    /* Bare LF and CR throughout */
    REQUEST("PUT / HTTP/1.1\nA: b\nTransfer-Encoding: chunked\n\n1\na\n0;x\n\n")
    REQUEST("PUT / HTTP/1.1\r\n\nA: b\n\r\n")
    REQUEST("PUT / HTTP/1.1\rTransfer-Encoding: chunked\r\n\r1\ra\r0\r\r")
    RESPONSE("HTTP/1.1 200 OK\nA:\nB: c\n\nbody")
    RESPONSE("HTTP/1.1 200\rA:\rB: c\r\n\rbody")
};

const unsigned SWEEP_MESSAGE_COUNT =
    sizeof SWEEP_MESSAGES / sizeof SWEEP_MESSAGES[0];
