# frozen_string_literal: true

# Callbacks of libllhttp against whole messages of libllmsg, in Ruby (fiddle).
#
#     ruby ruby.rb BINDINGS LIBLLHTTP LIBLLMSG ROUNDS < buffers
#
# prints the least nanoseconds for a buffer, of either way. Before each buffer is its
# length, in decimal, on a line.
bindings, llhttp_path, llmsg_path, rounds = ARGV
require 'fiddle'
require File.join(bindings, 'llmsg.rb')

Message = Struct.new(:code, :text, :headers, :content)

# Both ways make messages.
class Callbacks
  include Fiddle

  SLOTS = { message_begin: 0, url: 2, header_field: 6, header_value: 7,
            headers_complete: 10, body: 11, message_complete: 12 }.freeze
  SPANS = %i[url header_field header_value body].freeze

  def initialize(path)
    handle = Fiddle.dlopen(path)
    @execute = Function.new(handle['llhttp_execute'], [TYPE_LONG, TYPE_VOIDP, TYPE_LONG],
                            TYPE_INT, need_gvl: true)
    @method = Function.new(handle['llhttp_get_method'], [TYPE_LONG], -TYPE_CHAR, need_gvl: true)
    init = Function.new(handle['llhttp_init'], [TYPE_VOIDP, TYPE_INT, TYPE_VOIDP], TYPE_VOID)
    @parser = Pointer.malloc(96, RUBY_FREE)
    @settings = Pointer.malloc(200, RUBY_FREE)
    @settings[0, 200] = "\0" * 200
    @closures = SLOTS.to_h { |name, slot| [slot, closure(name)] }
    @closures.each { |slot, made| @settings[8 * slot, 8] = [made.to_i].pack('J') }
    init.call(@parser, 1, @settings)
    @address = @parser.to_i
  end

  def parse(data)
    @found = []
    raise 'refused' unless @execute.call(@address, data, data.bytesize).zero?

    @found
  end

  private

  def closure(name)
    arguments = SPANS.include?(name) ? [TYPE_LONG, TYPE_VOIDP, TYPE_LONG] : [TYPE_LONG]
    Closure::BlockCaller.new(TYPE_INT, arguments) { |*given| send(name, *given) || 0 }
  end

  def message_begin(_)
    @message = Message.new(nil, nil, [], +'')
    0
  end

  def url(_, at, length)
    @message.text = at[0, length]
    0
  end

  def header_field(_, at, length)
    @name = at[0, length].downcase(:ascii)
    0
  end

  def header_value(_, at, length)
    @message.headers << @name << at[0, length]
    0
  end

  def headers_complete(parser)
    @message.code = @method.call(parser)
    0
  end

  def body(_, at, length)
    @message.content << at[0, length]
    0
  end

  def message_complete(_)
    @found << @message
    0
  end
end

class Whole
  def initialize(path)
    @parser = Llmsg::Parser.new(Llmsg::Library.new(path), 'request')
  end

  def parse(data) = @parser.messages(data)
end

def flat(messages)
  messages.map { |m| [m.code, m.text, m.headers, m.content] }
end

def measure(way, buffers, passes)
  GC.start
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  passes.times { buffers.each { |data| way.parse(data) } }
  (Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start) / passes / buffers.size
end

buffers = []
$stdin.binmode.each_line { |length| buffers << $stdin.read(length.to_i) }
ways = [Callbacks.new(llhttp_path), Whole.new(llmsg_path)]
buffers.each do |data|
  first, second = ways.map { |way| flat(way.parse(data)) }
  raise 'the two ways differ' unless first == second && first.any?
end

passes = (50.0 / buffers.size).ceil
least = [Float::INFINITY] * 2
rounds.to_i.times do
  ways.each_with_index { |way, i| least[i] = [least[i], measure(way, buffers, passes)].min }
end
puts least.join(' ')
