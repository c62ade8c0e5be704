"""The redis store's keys, and the scripts that change them: each is whole or not at all.

One hash an entry, with its own expiry; sorted sets of names by last use and by expiry; sizes by name, and their sum; a
stream of changes; notes, and when they were written.
"""

# All keys carry one hash tag, so that a cluster keeps them on one node and the scripts may name them.
ROOT = "{tidegate}:cache:"
ENTRY = ROOT + "e:"
NAMES = ("used", "expires", "sizes", "bytes", "changes", "notes", "noted", "damaged")
BOOKS = [ROOT + name for name in NAMES]
"""What every script is given as KEYS."""
_USED, EXPIRES, SIZES, _BYTES, CHANGES, NOTES, NOTED, DAMAGED = BOOKS
FIELDS = ("partition", "value", "created", "expires", "total", "encoder", "vector_sum")

_DROP = """
local function drop(name)
  local size = redis.call('HGET', KEYS[3], name)
  if size then redis.call('INCRBY', KEYS[4], -(tonumber(size) or 0)) redis.call('HDEL', KEYS[3], name) end
  redis.call('ZREM', KEYS[1], name) redis.call('ZREM', KEYS[2], name)
  return redis.call('UNLINK', ARGV[1] .. name)
end
"""
PUT = (
    _DROP
    + """
local name, now, size, expires = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
drop(name)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 100)) do drop(old) end
redis.call('HSET', ARGV[1] .. name, unpack(ARGV, 9))
redis.call('PEXPIREAT', ARGV[1] .. name, expires)
redis.call('ZADD', KEYS[1], now, name) redis.call('ZADD', KEYS[2], expires, name)
redis.call('HSET', KEYS[3], name, size)
local bytes = redis.call('INCRBY', KEYS[4], size)
local evicted = 0
while (redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[6]) or bytes > tonumber(ARGV[7])) and evicted < 1000 do
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  if not oldest then redis.call('SET', KEYS[4], 0) break end
  drop(oldest)
  bytes = tonumber(redis.call('GET', KEYS[4]))
  evicted = evicted + 1
end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[8], '*', 'key', name)
return evicted
"""
)
"""Entry prefix, name, now, size, expiry (ms), entries at most, bytes at most, changes kept, fields and values."""
GET = """
local at, length = ARGV[1] .. ARGV[2], 0
for i = 5, #ARGV do length = length + redis.call('HSTRLEN', at, ARGV[i]) end
if length > tonumber(ARGV[4]) then return {} end
local found = redis.call('HMGET', at, unpack(ARGV, 5))
if found[1] and ARGV[3] ~= '' then
  redis.pcall('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[2])
  redis.pcall('TOUCH', unpack(KEYS))
end
return found
"""
"""Entry prefix, name, now (empty: not a use), bytes at most, fields. A server that takes no writes (out of memory, a
replica) is read all the same. One that evicts what was not used lately is to think of our books last."""
SET_VECTOR = """
local at = ARGV[1] .. ARGV[2]
if redis.call('HGET', at, 'partition') ~= ARGV[3] then return 0 end
local old = 'near:' .. (redis.call('HGET', at, 'encoder') or '')
local grown = #ARGV[4] - redis.call('HSTRLEN', at, 'vector') - redis.call('HSTRLEN', at, old)
redis.call('HDEL', at, 'vector', old)
redis.call('HSET', at, ARGV[8], ARGV[4], 'encoder', ARGV[5], 'vector_sum', ARGV[6])
redis.call('HINCRBY', KEYS[3], ARGV[2], grown) redis.call('INCRBY', KEYS[4], grown)
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[7], '*', 'key', ARGV[2])
return 1
"""
"""Entry prefix, name, partition, vector, encoder, signature, changes kept, the vector's field."""
AMEND = """
local at = ARGV[1] .. ARGV[2]
if redis.call('HGET', at, 'total') ~= ARGV[3] then return 0 end
local grown = #ARGV[5] - redis.call('HSTRLEN', at, 'value')
redis.call('HSET', at, 'total', ARGV[4], 'value', ARGV[5])
redis.call('HINCRBY', KEYS[3], ARGV[2], grown) redis.call('INCRBY', KEYS[4], grown)
return 1
"""
"""Entry prefix, name, signature before and after, value."""
DELETE = _DROP + "return drop(ARGV[2])"
DELETE_DAMAGED = _DROP + "if drop(ARGV[2]) == 1 then redis.call('INCR', KEYS[8]) end return 1"
SET_NOTE = """
local t = redis.call('TIME')
local at = t[1] + t[2] / 1000000
local newest = redis.call('ZREVRANGEBYSCORE', KEYS[7], at + 31622400, '-inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
if newest and tonumber(newest) >= at then at = tonumber(newest) + 0.000001 end
redis.call('HSET', KEYS[6], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[7], string.format('%.6f', at), ARGV[1])
local over = math.min(redis.call('ZCARD', KEYS[7]) - tonumber(ARGV[3]), 100)
if over > 0 then
  for _, old in ipairs(redis.call('ZRANGE', KEYS[7], 0, over - 1)) do
    redis.call('HDEL', KEYS[6], old) redis.call('ZREM', KEYS[7], old)
  end
end
return 1
"""
"""Name, note, notes kept. Each is younger than all before, also after the server's clock was set back."""
HEAL = """
local gone = 0
for at, kind in ipairs({'zset', 'zset', 'hash', 'string', 'stream', 'hash', 'zset', 'string'}) do
  local found = redis.call('TYPE', KEYS[at]).ok
  if found ~= 'none' and found ~= kind then gone = gone + redis.call('UNLINK', KEYS[at]) end
end
for _, at in ipairs({4, 8}) do
  local number = redis.call('GET', KEYS[at])
  if number and not string.match(number, '^%-?%d%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?%d?$') then
    gone = gone + redis.call('UNLINK', KEYS[at])
  end
end
return gone
"""
"""Remove whatever is not of the kind that belongs under a name, so that the other scripts work again: how many
there were."""
