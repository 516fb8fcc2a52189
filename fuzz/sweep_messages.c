/* sweep_messages.c - messages that together reach every state. They are short,
 * because the sweep tries each byte at each place.
 */
#include "sweep_messages.h"

#include "llhttp.h"

#define REQUEST(TEXT) {HTTP_REQUEST, TEXT},
#define RESPONSE(TEXT) {HTTP_RESPONSE, TEXT},
#define BOTH(TEXT) {HTTP_BOTH, TEXT},

/* Parts that many of them share. */
#define GET "GET / HTTP/1.1\r\n"
#define PUT "PUT / HTTP/1.1\r\n"
#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define LENGTH_1 "Content-Length: 1\r\n"
#define END "\r\n"

const struct sweep_message SWEEP_MESSAGES[] = {
    /* Start lines */
    REQUEST("\r\nGET /path?query#fragment HTTP/1.1\r\n" END GET END)
    REQUEST("OPTIONS  http://user:pw@host:80/p  HTTP/1.0\r\n" END)
    REQUEST("CONNECT host:443 HTTP/1.1\r\n" END "tunnel")
    REQUEST("M-SEARCH * HTTP/2.0\r\n" END)
    REQUEST("PROPPATCH /?a?b##c HTTP/0.9\r\n" END)
    REQUEST("MKCALENDAR h://a@[b]?q HTTP/1.1\r\n" END)
    REQUEST("GET /\r\nA: b\r\n" END)
    REQUEST("SOURCE /s ICE/1.0\r\n" END)
    REQUEST("GET_PARAMETER rtsp://h/ RTSP/1.0\r\n" END)
    REQUEST("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nx")
    REQUEST("GET /a/long/path/of/more/than/one/vector/of/32/bytes HTTP/1.1\r\n"
            END)
    REQUEST("HEAD / HTTP/1.1\r\nA: b\r\n" END)
    REQUEST("POST / HTTP/1.1\r\nA: b\r\n" END)
    REQUEST("PATCH / HTTP/1.1\r\nA: b\r\n" END)
    REQUEST("QUERY / HTTP/1.1\r\nA: b\r\n" END)
    REQUEST("TRACE / HTTP/1.1\r\nA: b\r\n" END)
    REQUEST("DELETE / HTTP/1.1\r\nA: b\r\n" END)
    REQUEST("OPTIONS / HTTP/1.1\r\nA: b\r\n" END)
    BOTH("HEAD / HTTP/1.1\r\n" END GET END)
    BOTH("HTTP/1.1 204 No\r\n" END "HTTP/1.1 200\r\n" END)
    BOTH(PUT LENGTH_1 END "x")
    RESPONSE(OK LENGTH_1 END "a\r\nHTTP/1.1 304 \r\n" END)
    RESPONSE("RTSP/1.0 200\r\n" END "body")
    RESPONSE("ICE/1.0 404 Not Found\r\n" END)

    /* Fields */
    REQUEST(GET "Host: example.org\r\nAccept:\r\nA:\t b c \r\n" END)
    REQUEST(GET "A:\r\n b\r\nC: d\r\n\te\r\n f\r\n" END)
    REQUEST(GET "Accept-Encoding-And-A-Long-Field-Name: with a value that is "
                "longer than one or two vectors\r\nB: c\r\n" END GET END)
    RESPONSE(OK "Server: some\r\nConnection: close\r\n" LENGTH_1 END "xHTTP")
    REQUEST(GET "Connection : x\r\n content-length\r\n" END)

    /* Content-Length */
    REQUEST(PUT "Content-Length: 3 \t\r\n" END "abc" GET END)
    REQUEST(PUT "content-length:\r\n 1\r\n" END "a")
    REQUEST(PUT "Content-Length: 18446744073709551615\r\n" END "ab")
    REQUEST(PUT LENGTH_1 LENGTH_1 END "a")
    REQUEST(PUT "Content-Length: 0\r\n" CHUNKED END "0\r\n" END)

    /* Transfer-Encoding */
    REQUEST(PUT "Transfer-Encoding: gzip,\tchunked \r\n" END
            "1\r\na\r\n0\r\n" END GET END)
    REQUEST(PUT "TRANSFER-ENCODING:chunked, x\r\n" END "0\r\n" END)
    REQUEST(PUT CHUNKED "Transfer-Encoding: x\r\n" END "0\r\n" END)
    REQUEST(PUT "Transfer-Encoding:\r\n chunked\r\n x\r\n" END "0\r\n" END)
    RESPONSE(OK "Transfer-Encoding: chunked, gzip\r\n" END "body")
    RESPONSE(OK "Transfer-Encoding: gzip\r\n" LENGTH_1 END "a")

    /* Connection and Upgrade */
    REQUEST(GET "Connection: close\r\n" END "\r\n" GET END)
    REQUEST("GET / HTTP/1.0\r\nConnection: Keep-Alive , x\r\n" END GET END)
    REQUEST(GET "Connection: upgrade,close\r\nUpgrade: ws\r\n" END "\x81")
    REQUEST(PUT "Upgrade: x\r\nConnection: \tUpgrade\r\n" LENGTH_1 END "ab")
    REQUEST(GET "Proxy-Connection: closed, keep-alive x, close\r\n" END)
    REQUEST("GET / HTTP/1.0\r\nConnection: clo\r\n se, close\r\n , upgrade\r\n"
            END GET END)
    RESPONSE("HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n" END "x")
    RESPONSE("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" LENGTH_1 END
             "a" OK END)

    /* Which responses have a body */
    RESPONSE("HTTP/1.1 100 C\r\n" END "HTTP/1.1 103 E\r\n" END OK END "x")
    RESPONSE("HTTP/1.1 304 N\r\nContent-Length: 9\r\n" END
             "HTTP/1.1 199 x\r\n" END)
    RESPONSE("HTTP/1.1 204 N\r\n" CHUNKED END "HTTP/1.1 102\r\n" END)

    /* Chunks */
    REQUEST(PUT CHUNKED END "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n" END GET END)
    REQUEST(PUT CHUNKED END "1;a\r\nx\r\n1;b=c;d=\"e\"\r\ny\r\n"
            "0;f=;=g;h\r\n" END)
    REQUEST(PUT CHUNKED END "1;a=b\"c \\\"d\\\\e\xc3\xa9\";f\r\nx\r\n"
            "0;q=\"\"\r\n" END)
    REQUEST(PUT CHUNKED END "1 \t\r\nx\r\n0 ;a\r\n" END)
    REQUEST(PUT CHUNKED END "0\r\nTrailer: x\r\nConnection: close\r\n"
            "Upgrade: y\r\n" END GET END)
    REQUEST(PUT CHUNKED END "ffffffffffffffff\r\nabc")
    RESPONSE(OK CHUNKED END "2\r\nok\r\n00\r\nT:\r\n" END OK END)
    REQUEST(PUT "Upgrade: x\r\nConnection: upgrade\r\n" CHUNKED END
            "1\r\na\r\n0\r\n" END "x")

    /* Bare LF and CR throughout */
    REQUEST("PUT / HTTP/1.1\nA: b\nTransfer-Encoding: chunked\n\n1\na\n0;x\n\n")
    REQUEST("PUT / HTTP/1.1\r\n\nA: b\n\r\n")
    REQUEST("PUT / HTTP/1.1\rTransfer-Encoding: chunked\r\n\r1\ra\r0\r\r")
    RESPONSE("HTTP/1.1 200 OK\nA:\nB: c\n\nbody")
    RESPONSE("HTTP/1.1 200\rA:\rB: c\r\n\rbody")
};

const unsigned SWEEP_MESSAGE_COUNT =
    sizeof SWEEP_MESSAGES / sizeof SWEEP_MESSAGES[0];
