namespace Sluice.AppHost;

/// <summary>
/// The file that redis-server is started with. The password stands in it and not among the arguments, which every user of the machine can see.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="host">The interface to listen on.</param>
/// <param name="port">The port to listen on.</param>
internal sealed class RedisConfiguration(string file, string host, int port)
{
    /// <summary>The file.</summary>
    public string File { get; } = file;

    /// <summary>Writes it, readable for nobody but this user. The folder it lies in is the server's.</summary>
    public void Write(string? password)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // A new file each time: the mode of one that is there would stay as it is.
        System.IO.File.Delete(File);
        using var writer = new StreamWriter(File, options);
        writer.Write($"""
            # Written at every start of the AppHost.
            bind {host}
            port {port}
            requirepass {password}
            # What is acknowledged survives a crash of this machine.
            appendonly yes
            appendfsync always
            save ""
            # The Registry's state is no cache: rather refuse a write than forget something.
            maxmemory-policy noeviction
            daemonize no

            """);
    }
}
