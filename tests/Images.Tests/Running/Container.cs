using System.Globalization;
using Sluice.Images.Tests.Images;
using Sluice.Testing;

namespace Sluice.Images.Tests.Running;

/// <summary>
/// A container without a container engine: an image's files as the root folder of a process, read-only, with the image's user, environment and entry point, no
/// capabilities and no way to get any; <c>/data</c>, <c>/cache</c>, <c>/state</c> and <c>/tmp</c> are writable, as the chart mounts them. It shares the
/// machine's network. Making it takes root.
/// </summary>
internal sealed class Container : IAsyncDisposable
{
    // Each line runs in a mount namespace of its own, which ends with the process; the last one becomes the service.
    private const string Script =
        """
        set -e
        root=$1 volumes=$2 user=$3 folder=$4
        shift 4
        chmod 755 "$root" # a temporary folder is its maker's alone
        mount --bind "$root" "$root"
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        mount -t sysfs -o ro sysfs "$root/sys"
        mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
        for name in data cache state; do
          mkdir "$volumes/$name"
          chown "$user" "$volumes/$name"
          mount --bind "$volumes/$name" "$root/$name"
        done
        mount -o remount,bind,ro "$root"
        exec env --ignore-environment "$@"
        """;

    private readonly TemporaryFolder _root = new();
    private readonly TemporaryFolder _volumes = new();
    private readonly ChildProcess _process;

    private Container(Image image, IReadOnlyDictionary<string, string> settings)
    {
        image.UnpackInto(_root.Path);
        var user = image.Settings.GetProperty("User").GetString()!;
        var folder = image.Settings.GetProperty("WorkingDir").GetString()!;
        var environment = image.Environment.Concat(settings).Select(variable => $"{variable.Key}={variable.Value}");
        _process = ChildProcess.Start(
            "unshare",
            [
                "--mount", "bash", "-c", Script, "bash", _root.Path, _volumes.Path, user, folder,
                .. environment,
                "setpriv", "--no-new-privs", "--bounding-set", "-all,+setuid,+setgid,+sys_chroot",
                "unshare", "--root", _root.Path, "--wd", folder, "--setgid", user, "--setuid", user,
                .. image.Texts("Entrypoint"),
            ]);
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? FindProblem() =>
        Environment.UserName != "root" ? "changing the root folder takes root"
        : !File.Exists("/usr/bin/unshare") || !File.Exists("/usr/bin/setpriv") ? "unshare and setpriv of util-linux are missing"
        : null;

    /// <summary>The process.</summary>
    public ChildProcess Process => _process;

    /// <summary>Starts one.</summary>
    /// <param name="image">What it runs.</param>
    /// <param name="settings">Variables beside those of the image.</param>
    public static Container Start(Image image, params (string Key, string Value)[] settings) =>
        new(image, settings.ToDictionary(setting => setting.Key, setting => setting.Value));

    /// <summary>What the system says of it: a line of <c>/proc/…/status</c>.</summary>
    public string Status(string name) => File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/status"))
        .Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..].Trim();

    /// <summary>How a folder is mounted in it: options such as <c>ro</c>.</summary>
    public string[] MountOptions(string folder) => File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/mountinfo"))
        .Select(line => line.Split(' ')).Last(mount => mount[4] == folder)[5].Split(',');

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _root.Dispose();
        _volumes.Dispose();
    }
}
