// llmsg.hpp - libllmsg for C++17: a parser that frees itself, views instead of offsets.
//
//     llmsg::Parser parser(LLMSG_REQUESTS);
//     for (const llmsg::Event event : parser.parse(data))
//       if (event.kind() == LLMSG_HEAD) handle(event.text(), event.field(LLMSG_FIELD_HOST));
//     if (parser.stop() == LLMSG_ERROR) answer_with(parser.result().status);
//
// Views live until the next call of the parser, and as long as the data.
#ifndef LLMSG_HPP_
#define LLMSG_HPP_

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "llmsg.h"

namespace llmsg {

struct Options : llmsg_options_t {
  Options() { llmsg_options_init(this, sizeof(llmsg_options_t)); }
};

struct Field {
  uint32_t id; // enum llmsg_field
  std::string_view name, value;
};

class Event {
public:
  Event(const llmsg_result_t &result, const llmsg_event_t &event,
        const char *data)
      : result_(&result), event_(&event),
        source_(event.flags & LLMSG_GATHERED ? result.gathered : data) {}

  uint32_t kind() const { return event_->kind; }
  uint32_t code() const { return event_->code; }
  bool has(uint32_t flag) const { return (event_->flags & flag) != 0; }
  const llmsg_event_t &raw() const { return *event_; }

  // The target, the reason phrase, or content.
  std::string_view text() const {
    return view(event_->text, event_->text_length);
  }
  std::string_view path() const {
    return view(event_->path, event_->path_length);
  }
  std::string_view query() const {
    return view(event_->query, event_->query_length);
  }
  std::string_view host() const {
    return view(event_->host, event_->host_length);
  }

  std::size_t size() const { return event_->field_count; }
  Field operator[](std::size_t i) const {
    const llmsg_field_t &field = result_->fields[event_->first_field + i];
    return {field.id, view(field.name, field.name_length),
            view(field.value, field.value_length)};
  }

  // The value of the first field with that number.
  std::optional<std::string_view> field(uint32_t id) const {
    for (std::size_t i = 0; i < size(); i++)
      if ((*this)[i].id == id) return (*this)[i].value;
    return std::nullopt;
  }

private:
  std::string_view view(uint32_t start, uint32_t length) const {
    return length == 0 ? std::string_view()
                       : std::string_view(source_ + start, length);
  }

  const llmsg_result_t *result_;
  const llmsg_event_t *event_;
  const char *source_;
};

class Events {
public:
  class Iterator {
  public:
    Iterator(const Events &events, uint32_t at) : events_(&events), at_(at) {}
    Event operator*() const { return (*events_)[at_]; }
    Iterator &operator++() {
      at_++;
      return *this;
    }
    bool operator!=(const Iterator &other) const { return at_ != other.at_; }

  private:
    const Events *events_;
    uint32_t at_;
  };

  Events(const llmsg_result_t &result, const char *data)
      : result_(&result), data_(data) {}
  uint32_t size() const { return result_->event_count; }
  Event operator[](uint32_t i) const {
    return Event(*result_, result_->events[i], data_);
  }
  Iterator begin() const { return Iterator(*this, 0); }
  Iterator end() const { return Iterator(*this, size()); }

private:
  const llmsg_result_t *result_;
  const char *data_;
};

class Parser {
public:
  // Throws std::invalid_argument and std::bad_alloc.
  explicit Parser(uint32_t role, const Options &options = Options())
      : parser_(llmsg_new(role, &options)) {
    if (parser_ != nullptr) return;
    if (const char *wrong = llmsg_check(role, &options))
      throw std::invalid_argument(wrong);
    throw std::bad_alloc();
  }

  Events parse(std::string_view data) {
    llmsg_parse(parser_.get(), data.data(), data.size());
    return Events(result(), data.data());
  }
  Events finish() {
    llmsg_finish(parser_.get());
    return Events(result(), nullptr);
  }
  void resume() { llmsg_resume(parser_.get()); }
  void reset() {
    if (llmsg_reset(parser_.get()) != 0) throw std::bad_alloc();
  }

  // Notes a request that was sent.
  void expect(uint32_t method, bool upgrade = false) {
    if (llmsg_expect(parser_.get(), method, upgrade) != 0)
      throw std::bad_alloc();
  }

  uint32_t stop() const { return result().stop; }
  const llmsg_result_t &result() const { return *llmsg_result(parser_.get()); }

private:
  struct Free {
    void operator()(llmsg_parser_t *parser) const { llmsg_free(parser); }
  };
  std::unique_ptr<llmsg_parser_t, Free> parser_;
};

} // namespace llmsg
#endif // LLMSG_HPP_
