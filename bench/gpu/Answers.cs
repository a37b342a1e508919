namespace Sluice.GpuBench;

/// <summary>Speed counts only where the answers are right.</summary>
internal static class Answers
{
    private const float Tolerance = 1e-3f;

    /// <summary>Compares the Predictor's answer with the bare session's.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static async Task CheckAsync(Inference request, float[] expected)
    {
        var answer = await request.ComputeAsync();
        if (answer.Length != expected.Length || answer.Zip(expected).Any(pair => !(MathF.Abs(pair.First - pair.Second) <= Tolerance)))
        {
            throw new InvalidOperationException(
                $"The Predictor does not answer what the session computes: {string.Join(' ', answer.Take(5))} …, expected {string.Join(' ', expected.Take(5))} …");
        }
    }
}
