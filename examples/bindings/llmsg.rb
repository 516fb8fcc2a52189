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
  RESULT = 'L4J3QL6QqJ2'
  EVENT_SIZE = 80
  EVENT = 'L7S2QL10'
  EVENT_VALUES = 20 # of which EVENT makes so many
  FIELD_SIZE = 20

  Head = Struct.new(:flags, :code, :major, :minor, :content_length, :text, :path, :query,
                    :host, :fields)
  Content = Struct.new(:data)
  Finish = Struct.new(:fields)

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
    end

    attr_reader :functions

    private

    def define(name, arguments, result)
      @functions ||= {}
      @functions[name] = Function.new(@handle["llmsg_#{name}"], arguments, result)
    end
  end

  # Reads one connection. `options` are members of llmsg_options_t.
  class Parser
    attr_reader :stop, :offset, :taken, :error, :limit, :status, :error_offset

    def initialize(library, role, **options)
      @c = library.functions
      @parse = @c[:parse]
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
      _, @stop, count, field_count, events, fields, gathered, @offset, @taken, length,
        @error, @limit, @status, _, @error_offset, _, @error_name, @reason =
        @result[0, RESULT_SIZE].unpack(RESULT)
      return [] if count.zero?

      memory = length.zero? ? nil : Fiddle::Pointer.new(gathered)[0, length]
      numbers = field_count.zero? ? [] : numbers_of_fields(fields, field_count)
      values = Fiddle::Pointer.new(events)[0, count * EVENT_SIZE].unpack(EVENT * count)
      Array.new(count) { |i| event(values, i * EVENT_VALUES, data, memory, numbers) }
    end

    def numbers_of_fields(fields, count)
      Fiddle::Pointer.new(fields)[0, count * FIELD_SIZE].unpack("L#{5 * count}")
    end

    def event(values, at, data, memory, numbers)
      flags = values[at + 1]
      source = flags & GATHERED == 0 ? data : memory
      case values[at]
      when HEAD then head(values, at, source, numbers)
      when DATA then Content.new(source.byteslice(values[at + 2], values[at + 3]))
      else Finish.new(fields(values, at, source, numbers))
      end
    end

    def head(values, at, source, numbers)
      Head.new(
        values[at + 1] & ~GATHERED, values[at + 6], values[at + 7], values[at + 8],
        values[at + 9], source.byteslice(values[at + 2], values[at + 3]),
        source.byteslice(values[at + 12], values[at + 13]),
        source.byteslice(values[at + 14], values[at + 15]),
        source.byteslice(values[at + 16], values[at + 17]),
        fields(values, at, source, numbers)
      )
    end

    # Triples: the number of the name, the name, the value.
    def fields(values, at, source, numbers)
      first = 5 * values[at + 4]
      Array.new(values[at + 5]) do |i|
        n = first + 5 * i
        [numbers[n], source.byteslice(numbers[n + 1], numbers[n + 2]),
         source.byteslice(numbers[n + 3], numbers[n + 4])]
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  def show(text) = text.empty? ? '-' : text.unpack1('H*')

  def write(events)
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

      event.fields.each { |id, name, value| puts "field #{id} #{show(name)} #{show(value)}" }
    end
  end

  path, role, piece = ARGV
  parser = Llmsg::Parser.new(Llmsg::Library.new(path), role)
  stream = $stdin.binmode.read
  step = piece.to_i.zero? ? [stream.bytesize, 1].max : piece.to_i
  at = 0
  while at < stream.bytesize && parser.stop == Llmsg::OK
    write(parser.parse(stream.byteslice(at, step)))
    at += parser.taken
  end
  write(parser.finish) if parser.stop == Llmsg::OK
  puts "stop #{parser.stop} #{parser.offset}"
  if parser.stop == Llmsg::ERROR
    puts "error #{parser.error} #{parser.limit} #{parser.error_offset} #{parser.status} " \
         "#{parser.error_name} #{parser.reason}".rstrip
  end
end
