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

module Llmsg
  OK, PAUSED, UPGRADED, ERROR, NO_MEMORY, MISUSE = *0..5
  HEAD = 1
  DATA = 2
  FINISHED = 3
  GATHERED = 128
  ROLES = { 'request' => 1, 'response' => 2 }.freeze

  OPTIONS_SIZE = 80
  OPTIONS = {
    strict: 12, lenient: 16, pause_after_message: 20, start_line_limit: 32,
    header_line_limit: 36, header_count_limit: 40, head_limit: 44,
    chunk_line_limit: 48, trailers_limit: 52, informational_limit: 56
  }.freeze
  RESULT_SIZE = 104
  RESULT = 'x4L3J3QL2' # up to what errors have
  TAKEN = 56
  EVENT_SIZE = 80
  EVENT = 'L7S2Qx8L6'
  FIELD_SIZE = 20

  Head = Struct.new(:flags, :code, :major, :minor, :content_length, :text, :path, :query,
                    :host, :headers)
  Content = Struct.new(:data)
  Finish = Struct.new(:headers)

  # The functions of the library.
  class Library
    include Fiddle

    def initialize(path)
      @handle = Fiddle.dlopen(path)
      define(:options_init, [TYPE_VOIDP, -TYPE_INT], TYPE_VOID)
      define(:new, [-TYPE_INT, TYPE_VOIDP], TYPE_VOIDP)
      define(:check, [-TYPE_INT, TYPE_VOIDP], TYPE_VOIDP)
      define(:free, [TYPE_VOIDP], TYPE_VOID)
      define(:reset, [TYPE_VOIDP], TYPE_INT)
      define(:result, [TYPE_VOIDP], TYPE_VOIDP)
      define(:parse, [TYPE_VOIDP, TYPE_VOIDP, TYPE_SIZE_T], -TYPE_INT)
      define(:finish, [TYPE_VOIDP], -TYPE_INT)
      define(:resume, [TYPE_VOIDP], TYPE_VOID)
      define(:expect, [TYPE_VOIDP, -TYPE_INT, -TYPE_INT], TYPE_INT)
      define(:method, [TYPE_VOIDP, TYPE_SIZE_T], TYPE_INT)
      define(:field_name, [-TYPE_INT], TYPE_VOIDP)
      @names = [nil, *known_names].freeze
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

  # Reads one connection. `options` are members of llmsg_options_t.
  class Parser
    attr_reader :stop, :offset, :taken, :error, :limit, :status, :error_offset

    def initialize(library, role, **options)
      @c = library.functions
      @parse = @c[:parse]
      @names = library.names
      place = options_of(options)
      @parser = @c[:new].call(ROLES.fetch(role), place)
      raise ArgumentError, why(role, place) if @parser.null?

      @parser.free = Fiddle::Function.new(@c[:free].ptr, [Fiddle::TYPE_VOIDP], Fiddle::TYPE_VOID)
      @result = @c[:result].call(@parser)
      @result.size = RESULT_SIZE
      @stop = OK
      @offset = 0
    end

    # The events that these bytes complete.
    def parse(data)
      @parse.call(@parser, data, data.bytesize)
      events(data)
    end

    def finish
      @c[:finish].call(@parser)
      events('')
    end

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

    def error_name = Fiddle::Pointer.new(@error_name).to_s

    def reason = Fiddle::Pointer.new(@reason).to_s

    private

    def options_of(options)
      place = Fiddle::Pointer.malloc(OPTIONS_SIZE, Fiddle::RUBY_FREE)
      @c[:options_init].call(place, OPTIONS_SIZE)
      options.each { |name, value| place[OPTIONS.fetch(name), 4] = [value].pack('L') }
      place
    end

    def why(role, place)
      wrong = @c[:check].call(ROLES.fetch(role), place)
      wrong.null? ? 'not enough memory' : wrong.to_s
    end

    def events(data)
      @stop, count, field_count, events, fields, gathered, @offset, @taken, length =
        @result[0, TAKEN].unpack(RESULT)
      read_error if @stop == ERROR
      return [] if count.zero?

      memory = length.zero? ? nil : Fiddle::Pointer.new(gathered)[0, length]
      places = field_count.zero? ? nil : Fiddle::Pointer.new(fields)[0, field_count * FIELD_SIZE]
      values = Fiddle::Pointer.new(events)[0, count * EVENT_SIZE]
      Array.new(count) { |i| event(values.unpack(EVENT, offset: i * EVENT_SIZE), data, memory, places) }
    end

    def read_error
      @error, @limit, @status, @error_offset, @error_name, @reason =
        @result[0, RESULT_SIZE].unpack('x56L3x4Qx8J2')
    end

    def event(values, data, memory, places)
      kind, flags, at, length, = values
      source = flags & GATHERED == 0 ? data : memory
      case kind
      when HEAD then head(values, source, places)
      when DATA then Content.new(source.byteslice(at, length))
      else Finish.new(headers(values, source, places))
      end
    end

    def head(values, source, places)
      _, flags, at, length, _, _, code, major, minor, content_length,
        path, path_length, query, query_length, host, host_length = values
      Head.new(
        flags & ~GATHERED, code, major, minor, content_length,
        source.byteslice(at, length), source.byteslice(path, path_length),
        source.byteslice(query, query_length), source.byteslice(host, host_length),
        headers(values, source, places)
      )
    end

    # Names in lower case, and values: n, v, n, v. Names that are known need not be made.
    def headers(values, source, places)
      count = values[5]
      return [] if count.zero?

      place = values[4] * FIELD_SIZE
      numbers = places.unpack("L#{5 * count}", offset: place)
      headers = []
      i = 0
      while i < numbers.length
        headers << (@names[numbers[i]] || name(source, numbers[i + 1], numbers[i + 2])) <<
          source.byteslice(numbers[i + 3], numbers[i + 4])
        i += 5
      end
      headers
    end

    def name(source, at, length)
      source.byteslice(at, length).sub(/ +\z/n, '').downcase(:ascii)
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
