// parse.cc - libllmsg from C++, with llmsg.hpp.
//
//     c++ -std=c++17 parse.cc -lllmsg -o parse && ./parse request|response [PIECE] < stream
//
// prints the messages of a stream, fed in pieces of so many bytes.
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

#include "llmsg.hpp"

static std::string show(std::string_view text) {
  static const char digits[] = "0123456789abcdef";
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    shown += {digits[byte >> 4], digits[byte & 15]};
  }
  return shown.empty() ? "-" : shown;
}

static void write(const llmsg::Events &events) {
  for (const llmsg::Event event : events) {
    const llmsg_event_t &raw = event.raw();
    if (event.kind() == LLMSG_HEAD)
      std::cout << "head " << event.code() << ' ' << raw.http_major << '.'
                << raw.http_minor << ' ' << (raw.flags & ~uint32_t{LLMSG_GATHERED})
                << ' ' << raw.content_length << ' ' << show(event.text()) << ' '
                << show(event.path()) << ' ' << show(event.query()) << ' '
                << show(event.host()) << '\n';
    else if (event.kind() == LLMSG_DATA)
      std::cout << "data " << show(event.text()) << '\n';
    else
      std::cout << "end\n";
    for (std::size_t i = 0; i < event.size(); i++)
      std::cout << "field " << event[i].id << ' ' << show(event[i].name) << ' '
                << show(event[i].value) << '\n';
  }
}

int main(int argc, char **argv) {
  const bool is_request = argc > 1 && std::string_view(argv[1]) == "request";
  const std::string stream{std::istreambuf_iterator<char>(std::cin), {}};
  std::size_t step = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (step == 0) step = stream.size();
  llmsg::Parser parser(is_request ? LLMSG_REQUESTS : LLMSG_RESPONSES);
  const llmsg_result_t &result = parser.result();
  for (std::size_t at = 0; at < stream.size() && parser.stop() == LLMSG_OK;
       at += result.taken)
    write(parser.parse(std::string_view(stream).substr(at, step)));
  if (parser.stop() == LLMSG_OK) write(parser.finish());
  std::cout << "stop " << result.stop << ' ' << result.offset << '\n';
  if (result.stop == LLMSG_ERROR)
    std::cout << "error " << result.error << ' ' << result.limit << ' '
              << result.error_offset << ' ' << result.status << ' '
              << result.error_name << (*result.reason ? " " : "")
              << result.reason << '\n';
}
