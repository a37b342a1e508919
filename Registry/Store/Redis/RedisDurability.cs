using StackExchange.Redis;

namespace Sluice.Registry.Store.Redis;

/// <summary>Looks at start whether the server keeps what it acknowledges, and says what can be lost when it does not.</summary>
internal sealed partial class RedisDurability(RedisServerLink server, ILogger<RedisDurability> logger)
{
    /// <summary>Looks, and warns.</summary>
    public void Check()
    {
        try
        {
            Judge(Setting("appendonly"), Setting("appendfsync"), Setting("maxmemory"), Setting("maxmemory-policy"));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            LogUnknown(server.Address, exception.Message);
        }
    }

    private void Judge(string? appendOnly, string? appendSync, string? maxMemory, string? policy)
    {
        if (appendOnly is null || appendSync is null)
        {
            LogUnknown(server.Address, "it does not tell");
        }
        else if (appendOnly != "yes")
        {
            LogVolatile(server.Address, appendOnly);
        }
        else if (appendSync != "always")
        {
            LogLate(server.Address, appendSync, appendSync == "everysec" ? "the last second or two" : "half a minute and more");
        }

        if (maxMemory is not (null or "0") && policy is not null && policy.StartsWith("allkeys", StringComparison.Ordinal))
        {
            LogEvicts(server.Address, policy, maxMemory);
        }
    }

    private string? Setting(string name) => ((RedisResult[]?)server.Database.Execute("CONFIG", "GET", name)) is [_, var value] ? (string?)value : null;

    [LoggerMessage(LogLevel.Warning, "Redis at {Address} runs with appendonly {AppendOnly}: when it ends, everything written since its last snapshot is lost, models and versions included. Set appendonly yes and appendfsync always")]
    private partial void LogVolatile(string address, string appendOnly);

    [LoggerMessage(LogLevel.Warning, "Redis at {Address} runs with appendfsync {AppendSync}: when its machine fails, writes of {Lost} that were acknowledged are lost. Set appendfsync always")]
    private partial void LogLate(string address, string appendSync, string lost);

    [LoggerMessage(LogLevel.Warning, "Redis at {Address} may throw away any key when its memory is full (maxmemory-policy {Policy}, maxmemory {MaxMemory}): models and versions would be gone. Set maxmemory-policy noeviction")]
    private partial void LogEvicts(string address, string policy, string maxMemory);

    [LoggerMessage(LogLevel.Warning, "Whether Redis at {Address} keeps what it acknowledges cannot be seen ({Reason}). It must run with appendonly yes and appendfsync always, or acknowledged writes can be lost")]
    private partial void LogUnknown(string address, string reason);
}
