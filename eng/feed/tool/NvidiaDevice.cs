namespace Sluice.Feed;

/// <summary>Says whether packages are made for a machine with an NVIDIA device. What only such a machine can use is large, so others do not fetch it.</summary>
public static class NvidiaDevice
{
    /// <summary>The environment variable that decides in the device's place: 1 or 0.</summary>
    public const string Variable = "SLUICE_FEED_CUDA";

    // The driver's own: a container that is given the device has the first, a host whose device file is not made yet the second.
    private static readonly string[] Traces = ["dev/nvidia0", "proc/driver/nvidia"];

    /// <summary>Whether CUDA is wanted on this machine.</summary>
    /// <exception cref="FeedException">The variable has another value than 1 and 0.</exception>
    public static bool IsWanted() => IsWanted(Environment.GetEnvironmentVariable(Variable), "/");

    /// <summary>As the variable says; where it says nothing, as the machine shows.</summary>
    /// <param name="setting">The variable's value; null or empty for none.</param>
    /// <param name="machine">The folder that stands for the machine's root.</param>
    /// <exception cref="FeedException">The value is neither 1 nor 0.</exception>
    public static bool IsWanted(string? setting, string machine) => setting switch
    {
        "1" => true,
        "0" => false,
        null or "" => Traces.Any(trace => Path.Exists(Path.Combine(machine, trace))),
        _ => throw new FeedException($"{Variable} is '{setting}': it takes 1 (make the CUDA provider) or 0 (do not), and unset means as the machine is"),
    };
}
