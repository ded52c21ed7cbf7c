"""What the store does in one step: scripts that it runs alone, each all or nothing.

The keys of a world NAME begin with ``sbx:{NAME}``, which the scripts call ``world``:

- ``:meta``, a hash: ``epoch``; ``number`` and ``instant`` of the last entry; ``environment``; ``newest`` and
  ``older``, the numbers of the two snapshots, with ``newest_digest`` and ``older_digest``; ``cut``, the number of the
  last entry that is cut away; ``bodies``, the numbers of the entries with a body next to the log; ``kept``, when
  expiry was last set, in microseconds;
- ``:log``, a stream: ids ``<number>-1``, fields ``i`` (instant) and ``e`` (entry), and ``b`` where there is such a
  body;
- ``:snapshot:<number>`` and ``:body:<number>``, and ``:new:<token>`` for what is not yet in use.

For all worlds, ``sbx:worlds`` has the names by last use, ``sbx:dropped`` those that were dropped to make room,
``sbx:unmatched`` and ``sbx:unmatched:number`` the unmatched calls. Keys are made in the scripts, so the store must not
be a cluster.

A script that writes is refused before it begins on a replica, where the disk cannot be written and, unless all it does
is to drop things, where memory is full: it never ends half-way.
"""

from hashlib import sha1
from typing import Final

__all__ = ["APPEND", "CLEAR_UNMATCHED", "FORGET", "NAMES", "NOTE_UNMATCHED", "OFFER", "READ", "Script"]


class Script:
    """A script, and its name in the store."""

    def __init__(self, *parts: str, flag: str = "") -> None:
        self.text = "\n".join((f"#!lua flags={flag}", *(part.strip() for part in parts))).encode()
        self.sha = sha1(self.text, usedforsecurity=False).hexdigest()


_WORLD: Final = """
local call = redis.call
local world, all = KEYS[1], KEYS[2]
local meta, log = world .. ':meta', world .. ':log'

-- The names of the keys next to the log of a world.
local function next_to_log(world)
  local keys = {}
  local newest, older, bodies = unpack(call('HMGET', world .. ':meta', 'newest', 'older', 'bodies'))
  if newest then keys[#keys + 1] = world .. ':snapshot:' .. newest end
  if older then keys[#keys + 1] = world .. ':snapshot:' .. older end
  for number in string.gmatch(bodies or '', '%d+') do keys[#keys + 1] = world .. ':body:' .. number end
  return keys
end
"""

_DROP: Final = """
local function drop(world)
  for _, key in ipairs(next_to_log(world)) do call('UNLINK', key) end
  call('UNLINK', world .. ':meta', world .. ':log')
end
"""

_FOLLOWING: Final = """
-- The number of the snapshot to load first (nil: none is needed; 0: begin without one), and that of the last entry
-- that is then known. Nothing if the snapshots are lost.
local function beginning(epoch, number, last, cut)
  if epoch and number >= cut and number <= last then return nil, number end
  local newest, older = unpack(call('HMGET', meta, 'newest', 'older'))
  if not newest then return 0, 0 end
  for _, snapshot in ipairs({newest, older}) do
    if snapshot and call('EXISTS', world .. ':snapshot:' .. snapshot) == 1 then
      return tonumber(snapshot), tonumber(snapshot)
    end
  end
end

-- The entries behind one, in MessagePack: an array of [instant, entry, body or nil]. Nothing if some are lost.
local function behind(number, last)
  if number == last then return '\\144' end
  local found = call('XRANGE', log, '(' .. number .. '-1', '+')
  if #found ~= last - number then return end
  local pieces = {'\\221' .. struct.pack('>I4', #found)}
  for at, item in ipairs(found) do
    local fields, body = item[2], '\\192'
    if #fields > 4 then
      body = call('GET', world .. ':body:' .. (number + at))
      if not body then return end
      body = '\\198' .. struct.pack('>I4', #body) .. body
    end
    pieces[at + 1] = '\\147' .. cmsgpack.pack(tonumber(fields[2])) .. fields[4] .. body
  end
  return table.concat(pieces)
end

-- What follows what a process has seen, in MessagePack: [epoch, snapshot, opened, last number, instant, entries].
-- Numbers come as the texts that the store and the process hold: most calls never need them as numbers.
local function following(epoch, seen, number, opened, last, instant)
  local snapshot, entries = nil, '\\144'
  if epoch ~= seen or number ~= last then
    local known
    local cut, final = tonumber(call('HGET', meta, 'cut')), tonumber(last)
    snapshot, known = beginning(epoch == seen, tonumber(number), final, cut)
    entries = known and behind(known, final)
  end
  return entries, entries and '\\150' .. cmsgpack.pack(epoch, snapshot, opened, tonumber(last), tonumber(instant))
end
"""

READ: Final = Script(
    _WORLD,
    _FOLLOWING,
    """
-- KEYS: world, all. ARGV: 1 environment, 2 epoch that was seen, 3 number that was seen.
-- Returns what follows, or {'unknown'}, or {'differs', environment of the log}.
local epoch, last, instant, environment = unpack(call('HMGET', meta, 'epoch', 'number', 'instant', 'environment'))
if not epoch then return {'unknown'} end
if environment ~= ARGV[1] then return {'differs', environment} end
local entries, head = following(epoch, ARGV[2], ARGV[3], false, last, instant)
return entries and head .. entries or {'unknown'}
""",
    flag="no-writes",
)
"""What follows in a log."""

APPEND: Final = Script(
    _WORLD,
    _DROP,
    _FOLLOWING,
    """
-- KEYS: world, all. ARGV: 1 environment, 2 epoch that was seen, 3 number that was seen, 4 name, 5 now in seconds,
-- 6 expiry in milliseconds, 7 how many of them may be over before it is set anew, 8 the most worlds, 9 the most names
-- of dropped worlds, 10 epoch of a new log, 11 whether to open one ('1'), 12 whether to say that it was dropped ('1'),
-- 13 whether it is a use of the world ('1'); then, for each entry, itself and the key of its body, or ''.
-- Returns what follows up to the new entries, without them. Or it appends nothing, and returns {'unknown'},
-- {'dropped'}, {'differs', environment of the log}, or {'no body'}.
local FIRST = 14
local name, expiry = ARGV[4], ARGV[6]
for at = FIRST + 1, #ARGV, 2 do
  if ARGV[at] ~= '' and call('PEXPIRE', ARGV[at], expiry) == 0 then return {'no body'} end
end

local epoch, last, instant, kept = unpack(call('HMGET', meta, 'epoch', 'number', 'instant', 'kept'))
if epoch and epoch ~= ARGV[2] then
  local environment = call('HGET', meta, 'environment')
  if environment ~= ARGV[1] then return {'differs', environment} end
end

local opened = not epoch
local entries, head
if opened then
  if ARGV[11] ~= '1' then return {'unknown'} end
  if call('SREM', all .. ':dropped', name) == 1 and ARGV[12] == '1' then return {'dropped'} end
  drop(world)
  call('ZREM', all .. ':worlds', name)
  while call('ZCARD', all .. ':worlds') >= tonumber(ARGV[8]) do
    local idle = call('ZPOPMIN', all .. ':worlds')[1]
    local other = all .. ':{' .. idle .. '}'
    if call('EXISTS', other .. ':meta') == 1 then
      drop(other)
      if call('SCARD', all .. ':dropped') >= tonumber(ARGV[9]) then call('SPOP', all .. ':dropped') end
      call('SADD', all .. ':dropped', idle)
    end
  end
  epoch, last, instant, kept = ARGV[10], '0', '0', '0'
  call('HSET', meta, 'epoch', epoch, 'cut', '0', 'instant', instant, 'environment', ARGV[1])
end

local is_later = instant ~= ARGV[5] and tonumber(instant) < tonumber(ARGV[5])
if is_later then instant = ARGV[5] end
entries, head = following(epoch, ARGV[2], ARGV[3], opened, last, instant)
if not entries then
  drop(world)
  call('ZREM', all .. ':worlds', name)
  return {'dropped'}
end

last = tonumber(last)
for at = FIRST, #ARGV, 2 do
  last = last + 1
  if ARGV[at + 1] == '' then
    call('XADD', log, last .. '-1', 'i', instant, 'e', ARGV[at])
  else
    call('XADD', log, last .. '-1', 'i', instant, 'e', ARGV[at], 'b', '')
    call('RENAME', ARGV[at + 1], world .. ':body:' .. last)
    call('HSET', meta, 'bodies', (call('HGET', meta, 'bodies') or '') .. ' ' .. last)
  end
end
call('HSET', meta, 'number', last)
if is_later then call('HSET', meta, 'instant', instant) end
if opened or ARGV[13] == '1' then
  local time = call('TIME')
  local now = time[1] * 1000000 + time[2]
  local passed = now - kept
  call('ZADD', all .. ':worlds', now, name)
  if passed < 0 or passed >= ARGV[7] * 1000 then
    call('HSET', meta, 'kept', now)
    for _, key in ipairs(next_to_log(world)) do call('PEXPIRE', key, expiry) end
    for _, key in ipairs({meta, log, all .. ':worlds', all .. ':dropped'}) do call('PEXPIRE', key, expiry) end
  end
end
return head .. entries
""",
)
"""Append entries to a log, open it if need be, and what others appended before."""

OFFER: Final = Script(
    _WORLD,
    """
-- KEYS: world, all. ARGV: 1 epoch, 2 number, 3 digest, 4 key of the snapshot, or '' to ask whether it is wanted.
-- Returns 'kept', 'same', 'differs', 'gone', or 'wanted'.
local function verdict()
  local epoch, last, newest, newest_digest, older, older_digest, bodies =
    unpack(call('HMGET', meta, 'epoch', 'number', 'newest', 'newest_digest', 'older', 'older_digest', 'bodies'))
  local number = tonumber(ARGV[2])
  if epoch ~= ARGV[1] or number > tonumber(last) then return 'gone' end
  if newest and number <= tonumber(newest) then
    local digest = number == tonumber(newest) and newest_digest or number == tonumber(older) and older_digest
    return not digest and 'gone' or digest == ARGV[3] and 'same' or 'differs'
  end
  if ARGV[4] == '' or call('EXISTS', ARGV[4]) == 0 then return 'wanted' end
  local snapshot = world .. ':snapshot:' .. ARGV[2]
  call('RENAME', ARGV[4], snapshot)
  call('PEXPIRE', snapshot, call('PTTL', meta))
  call('HSET', meta, 'newest', ARGV[2], 'newest_digest', ARGV[3])
  if not newest then return 'kept' end
  if older then call('UNLINK', world .. ':snapshot:' .. older) end
  local still = ''
  for body in string.gmatch(bodies or '', '%d+') do
    if tonumber(body) > tonumber(newest) then
      still = still .. ' ' .. body
    else
      call('UNLINK', world .. ':body:' .. body)
    end
  end
  call('HSET', meta, 'older', newest, 'older_digest', newest_digest, 'cut', newest, 'bodies', still)
  call('XTRIM', log, 'MINID', (newest + 1) .. '-1')
  return 'kept'
end
local said = verdict()
if ARGV[4] ~= '' and said ~= 'kept' then call('UNLINK', ARGV[4]) end
return said
""",
)
"""Keep a snapshot, if it is the first at its number, and cut the log behind the one before."""

FORGET: Final = Script(
    """
-- KEYS: world, all. ARGV: 1 epoch, 2 number, 3 name.
local epoch, last = unpack(redis.call('HMGET', KEYS[1] .. ':meta', 'epoch', 'number'))
if epoch == ARGV[1] and last == ARGV[2] then redis.call('ZREM', KEYS[2] .. ':worlds', ARGV[3]) end
""",
    flag="allow-oom",
)
"""No longer count and list a world that was dropped, if nothing follows in its log. The log stays until it expires, so
that other processes see that it was dropped."""

NAMES: Final = Script(
    """
-- KEYS: all.
local names = {}
for _, name in ipairs(redis.call('ZRANGE', KEYS[1] .. ':worlds', 0, -1)) do
  if redis.call('EXISTS', KEYS[1] .. ':{' .. name .. '}:meta') == 1 then names[#names + 1] = name end
end
return names
""",
    flag="no-writes",
)
"""The names of the worlds that have a log."""

NOTE_UNMATCHED: Final = Script(
    """
-- KEYS: list, counter. ARGV: 1 note, 2 the most notes, 3 expiry in milliseconds. Returns the number of the note.
local number = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[2], number .. '-1', 'n', ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
return number
""",
)
"""Note an unmatched call."""

CLEAR_UNMATCHED: Final = Script(
    """
-- KEYS: list, counter. Numbers go on.
redis.call('UNLINK', KEYS[1])
""",
    flag="allow-oom",
)
"""Drop the notes of unmatched calls."""
