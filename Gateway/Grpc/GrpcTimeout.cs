using System.Globalization;

namespace Sluice.Gateway.Grpc;

/// <summary>The header <c>grpc-timeout</c>: up to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    /// <summary>Its name.</summary>
    public const string Header = "grpc-timeout";

    /// <summary>The time of a stream whose caller sets none.</summary>
    public static readonly TimeSpan OfStream = TimeSpan.FromDays(1);

    private const int MostDigits = 8;
    private const long MostMilliseconds = 99_999_999;

    /// <summary>Reads its value; false when it is none.</summary>
    public static bool TryRead(string text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > MostDigits + 1 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var ticks = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            'n' => 0,
            _ => -1,
        };
        timeout = ticks == 0 ? TimeSpan.FromTicks(number / TimeSpan.NanosecondsPerTick) : TimeSpan.FromTicks(number * ticks);
        return ticks >= 0;
    }

    /// <summary>Its value for a time that is left, at least a millisecond.</summary>
    public static string Of(TimeSpan left) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp((long)left.TotalMilliseconds, 1, MostMilliseconds)}m");
}
