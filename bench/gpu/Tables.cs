using System.Globalization;
using Sluice.Predictor.Runtime;

namespace Sluice.GpuBench;

/// <summary>Prints figures as rows of Markdown tables.</summary>
internal static class Tables
{
    /// <summary>What it runs on, and how busy that is.</summary>
    public static void Machine(ComputeDevice device, GpuMemory? memory)
    {
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "?";
        var gpu = File.Exists("/proc/driver/nvidia/version") ? File.ReadLines("/proc/driver/nvidia/version").First() : "no NVIDIA driver";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"device {device.Name} ({gpu}), {Environment.ProcessorCount} cores, load {load}, .NET {Environment.Version}, {DateTime.UtcNow:u}"));
        Memory(memory);
    }

    public static void Memory(GpuMemory? memory)
    {
        if (memory?.Read() is { } use)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nmemory of the GPU: {use.Used >> 20} of {use.Total >> 20} MiB used, by whatever process"));
        }
    }

    public static void Head(string what, params string[] ratios) => Console.WriteLine(
        $"\n| {what} | rows/s | median ms | p99 ms | {string.Join(" | ", ratios)} |\n| --- | --- | --- | --- |{string.Concat(Enumerable.Repeat(" --- |", ratios.Length))}");

    public static void Row(string what, Figures figures, params double[] ratios) => Console.WriteLine(
        $"| {what} | {figures} | {string.Join(" | ", ratios.Select(ratio => ratio.ToString("0.00 ×", CultureInfo.InvariantCulture)))} |");
}
