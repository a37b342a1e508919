using StackExchange.Redis;

namespace Sluice.Registry.Store.Redis;

/// <summary>
/// Names of a store's keys. The braces are a hash tag: all keys belong together, so that one script may touch all of them wherever the server
/// keeps keys in slots.
/// </summary>
/// <param name="prefix">What sets this store apart from others on the same server.</param>
internal sealed class RedisKeys(string prefix)
{
    private readonly string _tag = $"{{{prefix}}}:";

    /// <summary>Hash: id of the store, revision, compacted revision, form.</summary>
    public RedisKey Position => _tag + "position";

    /// <summary>Hash: key to the revision that wrote it, a blank and the value.</summary>
    public RedisKey Values => _tag + "values";

    /// <summary>Sorted set of all keys, in the order of their bytes.</summary>
    public RedisKey Names => _tag + "names";

    /// <summary>Stream: one entry a change, its id being revision and step; the field is <c>p</c> (put) or <c>d</c> (deleted) and the key, the value is the value.</summary>
    public RedisKey History => _tag + "history";

    /// <summary>Where new revisions are called out.</summary>
    public RedisChannel Committed => RedisChannel.Literal(_tag + "committed");

    /// <summary>Text: the revision that a commit made, kept for a while for whoever did not get the answer.</summary>
    public RedisKey Commit(Guid id) => $"{_tag}commit:{id:N}";

    /// <summary>Stream: a log; the ids' first part is the entry's number.</summary>
    public RedisKey Log(string name) => $"{_tag}log:{name}";

    /// <summary>Text that goes by itself: what a member reported last.</summary>
    public RedisKey Heard(string member) => $"{_tag}heard:{member}";
}
