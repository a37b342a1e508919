using System.Text.Json;
using Microsoft.Extensions.Options;
using Sluice.Registry.Replicas;
using StackExchange.Redis;

namespace Sluice.Registry.Store.Redis;

/// <summary>Last reports as keys that go by themselves: a replica may report to any of the Registries, and is known to all.</summary>
internal sealed class RedisReports(RedisServerLink server, RedisKeys keys, IOptions<RegistryOptions> options) : IReports
{
    public async ValueTask<bool> HeardAsync(string member, LastReport report, CancellationToken cancellationToken)
    {
        var value = JsonSerializer.SerializeToUtf8Bytes(report, ReportsJson.Default.LastReport);
        var before = await server.AskAsync(
            redis => redis.StringSetAndGetAsync(keys.Heard(member), value, options.Value.ReplicaExpiry), writes: false, cancellationToken);
        return !before.IsNull;
    }

    public async ValueTask<IReadOnlyList<LastReport?>> FindAsync(IReadOnlyList<string> members, CancellationToken cancellationToken)
    {
        if (members.Count == 0)
        {
            return [];
        }

        RedisKey[] wanted = [.. members.Select(keys.Heard)];
        var found = await server.AskAsync(redis => redis.StringGetAsync(wanted), writes: false, cancellationToken);
        return [.. found.Select(value => value.IsNull ? null : JsonSerializer.Deserialize(((ReadOnlyMemory<byte>)value).Span, ReportsJson.Default.LastReport))];
    }

    public async ValueTask ForgetAsync(string member, CancellationToken cancellationToken) =>
        await server.AskAsync(redis => redis.KeyDeleteAsync(keys.Heard(member)), writes: false, cancellationToken);
}
