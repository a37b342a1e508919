namespace Sluice.Measuring;

/// <summary>One measurement of one side.</summary>
/// <param name="PerSecond">Requests or runs a second.</param>
/// <param name="Cpu">Processor time of the side (not of the load generator) for one of them, µs.</param>
/// <param name="Median">ms.</param>
/// <param name="P99">ms.</param>
public readonly record struct Sample(double PerSecond, double Cpu, double Median, double P99);
