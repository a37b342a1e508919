using System.Globalization;

namespace Sluice.GpuBench;

/// <summary>What is measured.</summary>
/// <param name="Device">cuda or cpu; cpu runs the same without a GPU, to try the program.</param>
/// <param name="DeviceId">The GPU, as CUDA counts.</param>
/// <param name="Seconds">Of each measurement.</param>
internal sealed record BenchOptions(string Device, int DeviceId, int Seconds)
{
    public const string Usage = "usage: [--device cuda|cpu] [--device-id 0] [--seconds 3]";

    /// <summary>Null when the arguments are none.</summary>
    public static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions("cuda", 0, 3);
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            var next = args[i] switch
            {
                "--device" when value is "cuda" or "cpu" => options with { Device = value },
                "--device-id" when isNumber && number < 64 => options with { DeviceId = number },
                "--seconds" when isNumber && number is > 0 and <= 600 => options with { Seconds = number },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            options = next;
        }

        return options;
    }
}
