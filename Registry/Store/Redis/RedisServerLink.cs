using System.Diagnostics;
using System.Net;
using StackExchange.Redis;

namespace Sluice.Registry.Store.Redis;

/// <summary>
/// The connection to the Redis server: made at start, mended by itself afterwards. What cannot be asked now is asked again for some seconds, so that
/// a server that is started anew is a pause and not a failure.
/// </summary>
internal sealed class RedisServerLink : IDisposable
{
    /// <summary>How long a question is asked again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionMultiplexer _connection;

    private RedisServerLink(ConnectionMultiplexer connection, string address) => (_connection, Address) = (connection, address);

    /// <summary>Host and port, for messages.</summary>
    public string Address { get; }

    /// <summary>The server's commands.</summary>
    public IDatabase Database => _connection.GetDatabase();

    /// <summary>Connects.</summary>
    /// <exception cref="IOException">The server does not answer, or refuses; the message has no password.</exception>
    public static RedisServerLink Connect(StoreOptions options)
    {
        var configuration = ConfigurationOptions.Parse(options.Redis!);
        var address = Describe(configuration.EndPoints[0]);
        configuration.ClientName ??= "sluice-registry";
        configuration.AbortOnConnectFail = true;
        configuration.ReconnectRetryPolicy = new LinearRetry(500);
        configuration.BacklogPolicy = BacklogPolicy.FailFast; // what is asked again is decided here, where it is known what may be
        try
        {
            if (options.RedisAuthority is { Length: > 0 } authority)
            {
                configuration.TrustIssuer(authority);
            }

            return new RedisServerLink(ConnectionMultiplexer.Connect(configuration), address);
        }
        catch (RedisConnectionException exception)
        {
            throw new IOException($"Redis at {address} {Explain(exception.FailureType)} (Registry:Redis).", exception);
        }
        catch (Exception exception) when (exception is System.Security.Cryptography.CryptographicException or UnauthorizedAccessException)
        {
            throw new IOException($"Registry:RedisAuthority cannot be read as a certificate: {exception.Message}", exception);
        }
    }

    /// <summary>Asks until there is an answer.</summary>
    /// <param name="ask">The question; it may be asked several times.</param>
    /// <param name="writes">Whether it changes something, so that a failure leaves open whether it did.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">There was none within the patience, or the server refuses.</exception>
    public async ValueTask<T> AskAsync<T>(Func<IDatabase, Task<T>> ask, bool writes, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var inDoubt = false; // whether a write was asked for before, and nobody knows what became of it
        while (true)
        {
            try
            {
                return await ask(Database).WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested && IsPassing(exception) && Stopwatch.GetElapsedTime(started) < Patience)
            {
                inDoubt = writes;
                await Task.Delay(Pause, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw Unavailable(exception, writes, inDoubt);
            }
        }
    }

    /// <summary>Calls back whenever somebody publishes on a channel; also after a reconnection. Messages may be lost: nobody may rely on them.</summary>
    public void Listen(RedisChannel channel, Action heard) => _connection.GetSubscriber().Subscribe(channel, (_, _) => heard());

    public void Dispose() => _connection.Dispose();

    // LOADING: it reads its file after a start. BUSY: a script of somebody else runs. Both pass, as does a broken connection, for which the client
    // cancels some of what was under way.
    private static bool IsPassing(Exception exception) => exception switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => false,
        RedisConnectionException or RedisTimeoutException or OperationCanceledException => true,
        RedisServerException refusal => refusal.Message.StartsWith("LOADING", StringComparison.Ordinal) || refusal.Message.StartsWith("BUSY", StringComparison.Ordinal),
        _ => false,
    };

    private StoreUnavailableException Unavailable(Exception exception, bool writes, bool inDoubt) => exception switch
    {
        RedisServerException refusal when refusal.Message.Contains(RedisScripts.AnotherStore, StringComparison.Ordinal) => AnotherStore(),
        RedisServerException refusal => new StoreUnavailableException($"Redis at {Address} refuses: {refusal.Message}", inDoubt, refusal),
        RedisException or TimeoutException or OperationCanceledException =>
            new StoreUnavailableException($"Redis at {Address} does not answer. Look whether it runs and can be reached.", writes, exception),
        _ => new StoreUnavailableException($"Redis at {Address} cannot be asked ({exception.GetType().Name}: {exception.Message}).", writes, exception),
    };

    /// <summary>The server's data are not those that were opened.</summary>
    public StoreUnavailableException AnotherStore() => new(
        $"Redis at {Address} holds another store than at the start of this Registry: it was emptied or restored. Put the right data back, or restart the Registry to go on with what is there.");

    private static string Explain(ConnectionFailureType failure) => failure switch
    {
        ConnectionFailureType.AuthenticationFailure => "refuses the password or the certificate: check password, ssl and sslHost in it, and Registry:RedisAuthority",
        ConnectionFailureType.UnableToResolvePhysicalConnection => "has a name that cannot be resolved",
        _ => "cannot be reached: look whether it runs, and check address, password and ssl",
    };

    private static string Describe(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint name => $"{name.Host}:{name.Port}",
        _ => endPoint.ToString() ?? "",
    };
}
