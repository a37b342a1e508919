namespace Sluice.CanaryJudge.Tests.Rounds;

/// <summary>What tests of the judge's rounds begin with.</summary>
public abstract class CourtRoom : IDisposable
{
    private protected static readonly Totals Stable = new(Ok: 160, Failed: 0);
    private protected static readonly Totals Good = new(Ok: 40, Failed: 0);
    private protected static readonly Totals Bad = new(Ok: 30, Failed: 10);

    private protected readonly Court _court = new();

    public void Dispose()
    {
        _court.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static async Task PrepareAsync(Court court, Totals? stable = null)
    {
        await court.LookAsync(stable ?? Stable);
        await court.LookAsync(stable ?? Stable);
        court.Registry.Begins(0);
        await court.LookAsync(stable ?? Stable, Good);
        await court.LookAsync(stable ?? Stable, Good);
        court.Registry.Begins(1);
    }

    private protected static void Lose(HttpRequestMessage request, string what, HttpMethod? method = null)
    {
        if (request.Method == (method ?? HttpMethod.Post) && request.RequestUri!.AbsolutePath.EndsWith(what, StringComparison.Ordinal))
        {
            throw new HttpRequestException("the connection broke");
        }
    }
}
