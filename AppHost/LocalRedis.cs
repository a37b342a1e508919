using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.AppHost;

/// <summary>A redis-server of this run: on the loopback interface, behind a password, every write synced to the disk before it is acknowledged.</summary>
internal static class LocalRedis
{
    private const string Program = "redis-server";
    private const string Host = "127.0.0.1";

    /// <summary>Whether a redis-server is on the PATH.</summary>
    public static bool IsInstalled() => Programs.IsOnPath(Program);

    /// <summary>Adds it.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="port">Its port on 127.0.0.1.</param>
    /// <param name="folder">Where its data and configuration lie.</param>
    public static RedisResource Add(IDistributedApplicationBuilder builder, int port, string folder)
    {
        var password = builder.AddParameter("redis-password", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);
        var configuration = new RedisConfiguration(Path.Combine(folder, "redis.conf"), Host, port);

        // The program starts in its folder.
        Directory.CreateDirectory(folder);
        builder.Services.AddHealthChecks().AddCheck("redis", new RedisCheck(Host, port, password.Resource));
        var server = builder.AddExecutable("redis", Program, folder, configuration.File)
            .WithEndpoint("tcp", endpoint => (endpoint.Port, endpoint.IsProxied) = (port, false))
            .WithEnvironment(async context => configuration.Write(await password.Resource.GetValueAsync(context.CancellationToken)))
            .WithHealthCheck("redis");
        return new RedisResource(server, ReferenceExpression.Create($"{Host}:{port.ToString(CultureInfo.InvariantCulture)},password={password}"));
    }

    /// <summary>Lets the Registry keep its state there. Its blobs stay in a folder, which all Registries of this machine can reach.</summary>
    public static void KeepsStateIn(this IResourceBuilder<ProjectResource> registry, RedisResource redis, string blobsFolder) => registry
        .WithEnvironment("Registry__Store", "redis")
        .WithEnvironment("Registry__Redis", redis.ConnectionString)
        .WithEnvironment("Registry__Blobs__Folder", blobsFolder)
        .WithEnvironment("Registry__Blobs__Shared", "true")
        .WaitFor(redis.Server);
}

/// <summary>A redis-server and how it is reached.</summary>
/// <param name="Server">The program.</param>
/// <param name="ConnectionString">As StackExchange.Redis reads it, with the password.</param>
internal sealed record RedisResource(IResourceBuilder<ExecutableResource> Server, ReferenceExpression ConnectionString);
