using System.Text.Json;
using Sluice.Testing;

namespace Sluice.Contracts.Tests.Client;

public sealed class LastKnownGoodTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Path => _folder.PathOf("state", "last-known-good.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_and_its_folder_is_made()
    {
        new LastKnownGood(Path).Write(States.Of("s", 7));

        var state = new LastKnownGood(Path).Read()!;

        Assert.Equal(("s", 7, 1), (state.StoreId, state.Revision, state.Serving["wine"].Stable));
        Assert.Equal([Path], Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Where_nothing_was_written_there_is_nothing() => Assert.Null(new LastKnownGood(Path).Read());

    [Fact]
    public async Task A_reader_never_sees_half_of_one_while_it_is_replaced()
    {
        var file = new LastKnownGood(Path);
        file.Write(States.Of("s", 0));
        var writing = Task.Run(() => Enumerable.Range(1, 100).ToList().ForEach(revision => file.Write(States.Of("s", revision))), Token);

        var last = 0L;
        while (!writing.IsCompleted)
        {
            var revision = file.Read()!.Revision;
            Assert.InRange(revision, last, 100);
            last = revision;
        }

        await writing;
        Assert.Equal(100, file.Read()!.Revision);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\0\0\0\0")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": true, "changes": null}""")]
    [InlineData("""{"storeId": "s", "revision": 1, "isSnapshot": false, "changes": []}""")]
    public async Task A_file_that_is_not_of_its_form_is_an_error_of_its_form(string content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await File.WriteAllTextAsync(Path, content, Token);

        Assert.Throws<JsonException>(() => new LastKnownGood(Path).Read());
    }
}
