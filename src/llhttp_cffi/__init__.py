"""An HTTP/1 parser that is llhttp to the byte."""
