using System.Globalization;

namespace Sluice.RegistryBench;

/// <summary>How much is measured.</summary>
/// <param name="Models">Models, of three versions each; 0 leaves that part out.</param>
/// <param name="Watchers">Watchers at once.</param>
/// <param name="Writes">Writes whose way to the last watcher is timed.</param>
/// <param name="UploadBytes">Size of the big upload; 0 leaves that part out.</param>
internal sealed record BenchOptions(int Models, int Watchers, int Writes, long UploadBytes)
{
    public const string Usage = "usage: [--models 1000] [--watchers 1000] [--writes 300] [--upload-mib 2048]";

    /// <summary>Null when the arguments are none.</summary>
    public static BenchOptions? Parse(string[] args)
    {
        var values = new Dictionary<string, int> { ["--models"] = 1000, ["--watchers"] = 1000, ["--writes"] = 300, ["--upload-mib"] = 2048 };
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || !values.ContainsKey(args[i]) || !int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }

            values[args[i]] = value;
        }

        return new(values["--models"], values["--watchers"], values["--writes"], (long)values["--upload-mib"] << 20);
    }
}
