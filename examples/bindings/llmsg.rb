# frozen_string_literal: true

# libllmsg from Ruby, through fiddle, which is part of Ruby.
#
#     ruby llmsg.rb libllmsg.so.1 request|response [PIECE] < stream
#
# prints the messages of a stream, fed in pieces of so many bytes.
#
# The structs are read at their places by String#unpack, all of an array at once: that
# is many times faster than an object for each struct.
require 'fiddle'
require 'securerandom'

module Llmsg
  OK, PAUSED, UPGRADED, ERROR, NO_MEMORY, MISUSE = *0..5
  HEAD = 1
  DATA = 2
  FINISHED = 3
  GATHERED = 128
  ROLES = { 'request' => 1, 'response' => 2 }.freeze

  OPTIONS_SIZE = 88
  LEXICON = 80
  OPTIONS = {
    strict: 12, lenient: 16, pause_after_message: 20, start_line_limit: 32,
    header_line_limit: 36, header_count_limit: 40, head_limit: 44,
    chunk_line_limit: 48, trailers_limit: 52, informational_limit: 56
  }.freeze
  RESULT_SIZE = 112
  INPUT_SIZE = 65_536
  NOTHING = ''
  EVENT_SIZE = 80
  EVENT = 'L7x52' # kind, flags, text, text_length, first_field, field_count, code
  EVENT_WORDS = 7
  EVENTS = Array.new(65) { |count| EVENT * count }.each(&:freeze).freeze
  FIELD_SIZE = 20
  PLACES = 2048 # LLMSG_LINE_PLACES
  COMPLETE = 32

  Content = Struct.new(:data)
  Finish = Struct.new(:headers)

  # A head. What few ask for is made when they do. Strings of headers are frozen: messages
  # share those that come again.
  class Head
    attr_reader :code, :text, :headers
    attr_accessor :content, :trailers # in what Parser#messages returns

    # `events` are those of a call; this one is at `place`.
    def initialize(code, text, headers, content, source, events, place)
      @code = code
      @text = text
      @headers = headers
      @content = content
      @source = source
      @events = events
      @place = place
    end

    def flags = @events.getbyte(@place + 4) & ~GATHERED

    def complete? = @events.getbyte(@place + 4) & COMPLETE != 0

    def major = @events.unpack1('S', offset: @place + 28)

    def minor = @events.unpack1('S', offset: @place + 30)

    def content_length = @events.unpack1('Q', offset: @place + 32)

    def path = part(48)

    def query = part(56)

    def host = part(64)

    private

    def part(place) = @source.byteslice(*@events.unpack('L2', offset: @place + place))
  end

  # The functions of the library.
  class Library
    include Fiddle

    def initialize(path)
      @handle = Fiddle.dlopen(path)
      define(:options_init, [TYPE_VOIDP, -TYPE_INT], TYPE_VOID)
      define(:lexicon_new, [-TYPE_INT, -TYPE_LONG_LONG, TYPE_VOIDP, TYPE_VOIDP], TYPE_VOIDP)
      define(:lexicon_free, [TYPE_VOIDP], TYPE_VOID)
      define(:new, [-TYPE_INT, TYPE_VOIDP], TYPE_VOIDP)
      define(:check, [-TYPE_INT, TYPE_VOIDP], TYPE_VOIDP)
      define(:free, [TYPE_VOIDP], TYPE_VOID)
      define(:reset, [TYPE_VOIDP], TYPE_INT)
      define(:result, [TYPE_VOIDP], TYPE_VOIDP)
      # Fiddle passes an address as a number much faster than a string or a pointer.
      define(:parse, [TYPE_LONG, TYPE_LONG, TYPE_LONG], TYPE_INT)
      define(:finish, [TYPE_VOIDP], -TYPE_INT)
      define(:resume, [TYPE_VOIDP], TYPE_VOID)
      define(:expect, [TYPE_VOIDP, -TYPE_INT, -TYPE_INT], TYPE_INT)
      define(:method, [TYPE_VOIDP, TYPE_SIZE_T], TYPE_INT)
      define(:field_name, [-TYPE_INT], TYPE_VOIDP)
      @names = [nil, *known_names].freeze
    end

    # The lines that parsers of a role remember, in this thread.
    def lines(role)
      mine = (Thread.current.thread_variable_get(:llmsg_lines) || {}.compare_by_identity)
      Thread.current.thread_variable_set(:llmsg_lines, mine)
      (mine[self] ||= {})[role] ||= Lines.new(self, role)
    end

    # `names` are those of fields that are known, by their numbers.
    attr_reader :functions, :names

    private

    def known_names
      (1..).lazy.map { |id| @functions[:field_name].call(id).to_s.freeze }
           .take_while { |name| !name.empty? }.to_a
    end

    def define(name, arguments, result)
      @functions ||= {}
      # The calls are short: letting other threads run meanwhile would take longer.
      @functions[name] =
        Function.new(@handle["llmsg_#{name}"], arguments, result, need_gvl: true)
    end
  end

  # A lexicon, and the strings that were made for its lines.
  class Lines
    attr_reader :lexicon

    def initialize(library, role)
      key = SecureRandom.random_number(1 << 64)
      c = library.functions
      @lexicon = c[:lexicon_new].call(ROLES.fetch(role), key, nil, nil)
      raise NoMemoryError if @lexicon.null?

      @lexicon.free = Fiddle::Function.new(c[:lexicon_free].ptr, [Fiddle::TYPE_VOIDP],
                                           Fiddle::TYPE_VOID)
      @names = library.names
      @kept = Array.new(PLACES, [0].freeze) # number, name, value
      @lists = {}
    end

    # Names in lower case, and values: n, v, n, v. `numbers` are those of the lines;
    # `fields` are all of the call's, and the first of these is at `first`. A list of
    # lines that came before needs only what varies.
    def headers(numbers, fields, first, source)
      list = @lists[numbers]
      return make(numbers, fields[first, numbers.bytesize / 4 * FIELD_SIZE], source) if list.nil?

      made = list[0].dup
      varying = list[1]
      return made if varying.nil?

      places = fields[first + list[2], list[3]].unpack(list[4])
      i = 0
      varying.each do |at|
        made[at] = source.byteslice(places[i], places[i + 1]).freeze
        i += 2
      end
      made
    end

    private

    def make(numbers, fields, source)
      lines = numbers.unpack('L*')
      made = []
      lines.each_with_index do |line, i|
        kept = @kept[line % PLACES]
        kept = keep(line, i * FIELD_SIZE, fields, source) if kept[0] != line || line.zero?
        made << kept[1] << (kept[2] || value(fields, i * FIELD_SIZE, source))
      end
      remember(numbers, lines, made) unless lines.include?(0)
      made
    end

    # Numbers are never used again, so what is kept stays right. With the list is where
    # its values that vary are, in it and in the fields.
    def remember(numbers, lines, made)
      @lists.clear if @lists.size >= 1024
      varying = lines.each_index.select { |i| lines[i].even? }
      list = made.dup
      varying.each { |i| list[2 * i + 1] = nil }
      @lists[numbers] = [list, *places(varying)].freeze
    end

    # The values' places in a list, and the bytes and the format that have theirs in C.
    def places(varying)
      return [] if varying.empty?

      gaps = varying.each_cons(2).map { |i, next_one| "x#{(next_one - i) * FIELD_SIZE - 8}L2" }
      length = (varying.last - varying.first) * FIELD_SIZE + 8
      [varying.map { |i| 2 * i + 1 }, varying.first * FIELD_SIZE + 12, length, "L2#{gaps.join}"]
    end

    def keep(line, place, fields, source)
      id, at, length = fields.unpack('L3', offset: place)
      kept = [line, @names[id] || name(source, at, length),
              line.odd? ? value(fields, place, source) : nil].freeze
      @kept[line % PLACES] = kept unless line.zero?
      kept
    end

    def value(fields, place, source)
      source.byteslice(*fields.unpack('L2', offset: place + 12)).freeze
    end

    def name(source, at, length)
      source.byteslice(at, length).sub(/ +\z/n, '').downcase(:ascii).freeze
    end
  end

  # Reads one connection. `options` are members of llmsg_options_t.
  class Parser
    attr_reader :stop

    def initialize(library, role, **options)
      @c = library.functions
      @parse = @c[:parse]
      ROLES.fetch(role) { raise ArgumentError, 'role is neither request nor response' }
      @lines = library.lines(role)
      place = options_of(options)
      @parser = @c[:new].call(ROLES[role], place)
      raise ArgumentError, why(role, place) if @parser.null?

      @parser.free = Fiddle::Function.new(@c[:free].ptr, [Fiddle::TYPE_VOIDP], Fiddle::TYPE_VOID)
      @address = @parser.to_i
      @result = @c[:result].call(@parser)
      @result.size = RESULT_SIZE
      @stop = OK
      allocate_input(INPUT_SIZE)
    end

    # The events that these bytes complete.
    def parse(data)
      take(data)
      events(data)
    end

    def finish
      @stop = @c[:finish].call(@parser)
      events(NOTHING)
    end

    # The messages that these bytes complete: heads, each with its content, and with
    # trailers if there are any. Without data, what the end of the input completes.
    def messages(data = nil)
      data ? take(data) : @stop = @c[:finish].call(@parser)
      words = event_words
      found = []
      i = 0
      while i < words.size
        message = collect(words, i, data || NOTHING)
        found << message if message
        i += EVENT_WORDS
      end
      found
    end

    # Where in the stream the bytes that were taken end; how many of the last data were.
    def offset = @result[40, 8].unpack1('Q')

    def taken = number(48)

    # What the stream was refused for, if `stop` is ERROR.
    def error = number(56)

    def limit = number(60)

    def status = number(64)

    def error_offset = @result[72, 8].unpack1('Q')

    def error_name = pointer(88).to_s

    def reason = pointer(96).to_s

    def resume
      @c[:resume].call(@parser)
    end

    def reset
      raise NoMemoryError unless @c[:reset].call(@parser).zero?
    end

    # Notes a request that was sent.
    def expect(method, upgrade: false)
      number = @c[:method].call(method, method.bytesize)
      number = 1 if number.negative? # no other matters
      @c[:expect].call(@parser, number, upgrade ? 1 : 0).zero? or raise NoMemoryError
    end

    private

    def options_of(options)
      place = Fiddle::Pointer.malloc(OPTIONS_SIZE, Fiddle::RUBY_FREE)
      @c[:options_init].call(place, OPTIONS_SIZE)
      place[LEXICON, 8] = [@lines.lexicon.to_i].pack('J')
      options.each { |name, value| place[OPTIONS.fetch(name), 4] = [value].pack('L') }
      place
    end

    def why(role, place)
      wrong = @c[:check].call(ROLES.fetch(role), place)
      wrong.null? ? 'not enough memory' : wrong.to_s
    end

    def allocate_input(size)
      @input = Fiddle::Pointer.malloc(size, Fiddle::RUBY_FREE)
      @input_address = @input.to_i
    end

    def take(data)
      size = data.bytesize
      allocate_input(size) if size > @input.size
      @input[0, size] = data
      @stop = @parse.call(@address, @input_address, size)
    end

    def number(place) = @result[place, 4].unpack1('L')

    def pointer(place) = Fiddle::Pointer.new(@result[place, 8].unpack1('J'))

    # Bytes are compared faster than numbers are read from them, and fewer than 24 are
    # copied without memory of their own. So these remember what they saw.

    # The arrays seldom move.
    def find_arrays
      places = @result[16, 16]
      lines = @result[104, 8]
      return if places == @places && lines == @line_place

      @places = places
      @line_place = lines
      @event_array = pointer(16)
      @fields = pointer(24)
      @number_array = pointer(104)
    end

    def count_events
      counts = @result[8, 8]
      return if counts == @counts

      @counts = counts
      count, fields = counts.unpack('L2')
      @events_size = count * EVENT_SIZE
      @numbers_size = fields * 4
      @format = EVENTS[count] || (EVENT * count)
    end

    # Some members of all events, in one array.
    def event_words
      count_events
      return [] if @events_size.zero?

      find_arrays
      @numbers = @number_array[0, @numbers_size] unless @numbers_size.zero?
      @events = @event_array[0, @events_size]
      @events.unpack(@format)
    end

    def events(data)
      words = event_words
      Array.new(words.size / EVENT_WORDS) { |i| event(words, i * EVENT_WORDS, data) }
    end

    def event(words, index, data)
      case words[index]
      when HEAD then head(words, index, data)
      when DATA then Content.new(content(words, index, data))
      else Finish.new(headers(words, index, source(words, index, data)))
      end
    end

    # Adds an event to the message at hand. Returns the message if it is complete.
    def collect(words, index, data)
      case words[index]
      when HEAD
        message = head(words, index, data)
        return message if words[index + 1] & COMPLETE != 0

        @message = message
        nil
      when DATA
        part = content(words, index, data)
        @message.content = @message.content.empty? ? part : @message.content << part
        nil
      else
        unless words[index + 5].zero?
          @message.trailers = headers(words, index, source(words, index, data))
        end
        @message
      end
    end

    def source(words, index, data)
      return data if words[index + 1] & GATHERED == 0

      pointer(32)[0, number(52)]
    end

    def content(words, index, data)
      source(words, index, data).byteslice(words[index + 2], words[index + 3])
    end

    def head(words, index, data)
      source = words[index + 1] & GATHERED == 0 ? data : source(words, index, data)
      Head.new(words[index + 6], source.byteslice(words[index + 2], words[index + 3]),
               headers(words, index, source), NOTHING, source, @events,
               index / EVENT_WORDS * EVENT_SIZE)
    end

    def headers(words, index, source)
      count = words[index + 5]
      return [] if count.zero?

      first = words[index + 4]
      numbers = @numbers
      numbers = numbers.byteslice(4 * first, 4 * count) if numbers.bytesize != 4 * count
      @lines.headers(numbers, @fields, FIELD_SIZE * first, source)
    end
  end
end

if $PROGRAM_NAME == __FILE__
  def show(text) = text.empty? ? '-' : text.unpack1('H*')

  def write(events, library)
    events.each do |event|
      case event
      when Llmsg::Head
        parts = [event.text, event.path, event.query, event.host].map { |part| show(part) }
        puts ['head', event.code, "#{event.major}.#{event.minor}", event.flags,
              event.content_length, *parts].join(' ')
      when Llmsg::Content then puts "data #{show(event.data)}"
      else puts 'end'
      end
      next if event.is_a?(Llmsg::Content)

      event.headers.each_slice(2) do |name, value|
        puts "field #{library.names.index(name) || 0} #{show(name)} #{show(value)}"
      end
    end
  end

  path, role, piece = ARGV
  library = Llmsg::Library.new(path)
  parser = Llmsg::Parser.new(library, role)
  stream = $stdin.binmode.read
  step = piece.to_i.zero? ? [stream.bytesize, 1].max : piece.to_i
  at = 0
  while at < stream.bytesize && parser.stop == Llmsg::OK
    write(parser.parse(stream.byteslice(at, step)), library)
    at += parser.taken
  end
  write(parser.finish, library) if parser.stop == Llmsg::OK
  puts "stop #{parser.stop} #{parser.offset}"
  if parser.stop == Llmsg::ERROR
    puts "error #{parser.error} #{parser.limit} #{parser.error_offset} #{parser.status} " \
         "#{parser.error_name} #{parser.reason}".rstrip
  end
end
