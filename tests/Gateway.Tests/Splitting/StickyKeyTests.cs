using Microsoft.AspNetCore.Http;
using Sluice.Contracts;
using Sluice.Gateway.Access;
using Sluice.Gateway.Splitting;

namespace Sluice.Gateway.Tests.Splitting;

public sealed class StickyKeyTests
{
    [Theory]
    [InlineData("session=42", "42")]
    [InlineData("a=1; session=42; b=2", "42")]
    [InlineData("a=1;session=\"42\"", "42")]
    [InlineData("session=4=2", "4=2")]
    [InlineData("xsession=1; session=42", "42")]
    [InlineData("session=42; session=43", "42")]
    [InlineData("session", "")]
    [InlineData("Session=42", "")]
    [InlineData("sessions=42", "")]
    [InlineData("session=", "")]
    [InlineData(";;=; ", "")]
    [InlineData("", "")]
    public void A_cookie_is_found_by_its_name(string header, string value) => Assert.Equal(value, StickyKey.Cookie(header, "session").ToString());

    [Fact]
    public void A_cookie_may_stand_in_a_second_header() => Assert.Equal("42", StickyKey.Cookie(new(["a=1", "session=42"]), "session").ToString());

    [Fact]
    public void A_caller_is_known_by_what_the_model_asks_for()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers["x-user"] = "alice";
        context.Request.Headers.Cookie = "session=42";
        context.Features.Set(new Caller("acme", model: null, mayInfer: true, bucket: null));

        Assert.Equal("", StickyKey.Of(context, null).ToString());
        Assert.Equal("", StickyKey.Of(context, new Stickiness(StickinessKind.None)).ToString());
        Assert.Equal("alice", StickyKey.Of(context, new Stickiness(StickinessKind.Header, "X-User")).ToString());
        Assert.Equal("", StickyKey.Of(context, new Stickiness(StickinessKind.Header, "x-other")).ToString());
        Assert.Equal("42", StickyKey.Of(context, new Stickiness(StickinessKind.Cookie, "session")).ToString());
        Assert.Equal("acme", StickyKey.Of(context, new Stickiness(StickinessKind.Key)).ToString());
    }
}
