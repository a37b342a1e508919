namespace Sluice.Registry.Store.Redis;

/// <summary>
/// What has to happen in one go, in Lua: the server runs a script alone. It undoes nothing when one fails halfway, so all that can be refused is
/// looked at before the first write.
/// </summary>
internal static class RedisScripts
{
    /// <summary>Refuses to work on a store that is not the one that was opened: somebody emptied the server, or put another copy in its place.</summary>
    public const string AnotherStore = "ANOTHERSTORE";

    /// <summary>KEYS: position. ARGV: an id for a new store, the form. Answers the store's id and its form.</summary>
    public const string Open =
        """
        redis.call('HSETNX', KEYS[1], 'store', ARGV[1])
        redis.call('HSETNX', KEYS[1], 'revision', '0')
        redis.call('HSETNX', KEYS[1], 'compacted', '0')
        redis.call('HSETNX', KEYS[1], 'form', ARGV[2])
        return redis.call('HMGET', KEYS[1], 'store', 'form')
        """;

    /// <summary>
    /// KEYS: position, values, names, history, commit, one log for each log step. ARGV: store, history length, milliseconds that the commit is remembered,
    /// channel, number of steps; for each step p (put), d (delete) or c (check), key, value, expected revision or nothing; for each log step a (append)
    /// or x (drop), entry, expected number or nothing. Answers the revision, and 0 or what was not as expected: n for step n, -n for log step n.
    /// </summary>
    public const string Commit =
        """
        local position = redis.call('HMGET', KEYS[1], 'store', 'revision', 'compacted')
        if position[1] ~= ARGV[1] then return redis.error_reply('ANOTHERSTORE') end

        -- Asked again after a lost answer: it happened, and happens once.
        local done = redis.call('GET', KEYS[5])
        if done then return {done, 0} end

        local function numberof(log)
          local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)
          return last[1] and string.match(last[1][1], '^%d+') or '0'
        end

        local steps = tonumber(ARGV[5])
        local found = {}
        for i = 1, steps do
          local at = 5 + (i - 1) * 4
          local stored = redis.call('HGET', KEYS[2], ARGV[at + 2])
          local revision = stored and string.match(stored, '^%d+') or '0'
          local expected = ARGV[at + 4]
          if expected ~= '' and expected ~= revision then return {position[2], i} end
          found[i] = stored
        end

        local base = 5 + steps * 4
        local logsteps = (#ARGV - base) / 3
        for i = 1, logsteps do
          local expected = ARGV[base + i * 3]
          if expected ~= '' and expected ~= numberof(KEYS[5 + i]) then return {position[2], -i} end
        end

        local revision = string.format('%.0f', position[2] + 1)
        local changes = 0
        for i = 1, steps do
          local at = 5 + (i - 1) * 4
          local kind, key, value = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
          if kind == 'p' then
            redis.call('HSET', KEYS[2], key, revision .. ' ' .. value)
            redis.call('ZADD', KEYS[3], 0, key)
          elseif kind == 'd' and found[i] then
            redis.call('HDEL', KEYS[2], key)
            redis.call('ZREM', KEYS[3], key)
            value = ''
          end
          if kind == 'p' or kind == 'd' and found[i] then
            redis.call('XADD', KEYS[4], revision .. '-' .. changes, kind .. key, value)
            changes = changes + 1
          end
        end

        for i = 1, logsteps do
          local log = KEYS[5 + i]
          if ARGV[base + i * 3 - 2] == 'x' then
            redis.call('DEL', log)
          else
            redis.call('XADD', log, string.format('%.0f-0', numberof(log) + 1), 'v', ARGV[base + i * 3 - 1])
          end
        end

        if changes == 0 then
          revision = position[2]
        else
          local compacted = math.max(tonumber(position[3]), revision - tonumber(ARGV[2]))
          redis.call('HSET', KEYS[1], 'revision', revision, 'compacted', string.format('%.0f', compacted))
          redis.call('XTRIM', KEYS[4], 'MINID', string.format('%.0f', compacted + 1))
          redis.call('PUBLISH', ARGV[4], revision)
        end

        if changes > 0 or logsteps > 0 then redis.call('SET', KEYS[5], revision, 'PX', ARGV[3]) end
        return {revision, 0}
        """;

    /// <summary>KEYS: position, names, values. ARGV: the lowest key and the one behind the highest, as ZRANGEBYLEX takes them. Answers store, revision, keys, values.</summary>
    public const string List =
        """
        local position = redis.call('HMGET', KEYS[1], 'store', 'revision')
        local names = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2])
        local values = {}
        for from = 1, #names, 1000 do
          for _, value in ipairs(redis.call('HMGET', KEYS[3], unpack(names, from, math.min(from + 999, #names)))) do values[#values + 1] = value end
        end
        return {position[1], position[2], names, values}
        """;

    /// <summary>KEYS: position, history. ARGV: the revision after which, and revisions at most. Answers store, revision, compacted and the entries.</summary>
    public const string Events =
        """
        local position = redis.call('HMGET', KEYS[1], 'store', 'revision', 'compacted')
        local first = string.format('%.0f', ARGV[1] + 1)
        local last = string.format('%.0f', ARGV[1] + ARGV[2])
        return {position[1], position[2], position[3], redis.call('XRANGE', KEYS[2], first, last)}
        """;

    /// <summary>KEYS: a log. ARGV: the number after which, and entries at most. Answers the newest entry and the entries.</summary>
    public const string ReadLog =
        """
        return {redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1), redis.call('XRANGE', KEYS[1], '(' .. ARGV[1] .. '-0', '+', 'COUNT', ARGV[2])}
        """;
}
