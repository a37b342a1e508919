using Sluice.Testing;

namespace Sluice.Feed.Tests;

/// <summary>What only a machine with an NVIDIA device has use for.</summary>
public sealed class CudaTests : IAsyncLifetime
{
    private FakeSource _source = null!;
    private FakeRepository _repository = null!;
    private FakeNpm _npm = null!;

    private static object[] Files =>
    [
        new { path = "content/", to = "content/" },
        new { from = "provider", path = "lib/cuda.txt", to = "content/", cuda = true },
        new { path = "other/plain.txt", to = "content/", cuda = false },
    ];

    public async ValueTask InitializeAsync()
    {
        _source = await FakeSource.StartAsync();
        _repository = new FakeRepository(_source.IndexAddress);
        _npm = FakeNpm.With(_repository.PathOf("npm"), ("package/lib/cuda.txt", "the provider"));
        _repository.Layout = _repository.Layout with { Npm = _npm.Program };
        _repository.WriteFile("other/plain.txt", "without a device");
        _repository.AddOrigin("provider", new { npm = "provider", version = "1.2.3", integrity = _npm.Integrity });
        _repository.AddPackage("Some.Gpu", files: Files);
    }

    public async ValueTask DisposeAsync()
    {
        _repository.Dispose();
        await _source.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_device_nothing_of_it_is_fetched()
    {
        await _repository.BuildAsync();
        Assert.Equal(["a.txt", "plain.txt"], await UnpackedAsync());
        Assert.Equal(0, _npm.Calls);
    }

    [Fact]
    public async Task With_a_device_the_package_carries_it()
    {
        _repository.Cuda = true;
        await _repository.BuildAsync();
        Assert.Equal(["a.txt", "cuda.txt"], await UnpackedAsync());
        Assert.Equal(1, _npm.Calls);
    }

    [Fact]
    public async Task A_device_that_comes_or_goes_makes_the_package_anew()
    {
        await _repository.BuildAsync();
        await _repository.RestoreAsync("Some.Gpu");
        _repository.Cuda = true;
        await _repository.BuildAsync();
        Assert.Equal(["a.txt", "cuda.txt"], await UnpackedAsync());

        _repository.Cuda = false;
        await _repository.BuildAsync();
        Assert.Equal(["a.txt", "plain.txt"], await UnpackedAsync());
    }

    [Fact]
    public async Task A_package_that_has_nothing_to_do_with_it_stays_as_it_is()
    {
        _repository.AddPackage("Some.Other");
        await _repository.BuildAsync();
        _repository.Cuda = true;
        await _repository.BuildAsync();
        Assert.Contains("1 lay ready, 1 were made", _repository.Output.ToString());
    }

    [Theory]
    [InlineData("1", null, true)]
    [InlineData("0", "dev/nvidia0", false)]
    [InlineData(null, null, false)]
    [InlineData(null, "dev/nvidia0", true)]
    [InlineData("", "proc/driver/nvidia/version", true)]
    public void The_variable_decides_and_where_it_is_silent_the_machine(string? setting, string? trace, bool wanted)
    {
        using var machine = new TemporaryFolder();
        if (trace is not null)
        {
            var path = machine.PathOf(trace.Split('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }

        Assert.Equal(wanted, NvidiaDevice.IsWanted(setting, machine.Path));
    }

    [Fact]
    public void Another_value_of_the_variable_is_refused()
    {
        var failure = Assert.Throws<FeedException>(() => NvidiaDevice.IsWanted("yes", "/"));
        Assert.Contains("SLUICE_FEED_CUDA is 'yes'", failure.Message);
    }

    private async Task<string[]> UnpackedAsync()
    {
        await _repository.RestoreAsync("Some.Gpu");
        var content = Path.Combine(_repository.Copy("Some.Gpu"), "content");
        return [.. Directory.EnumerateFiles(content).Select(file => Path.GetFileName(file)!).Order()];
    }
}
