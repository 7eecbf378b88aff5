using System.Diagnostics;

namespace Palisade.CyberTipline;

/// <summary>Writes the one child of <c>internetDetails</c>.</summary>
internal static class IncidentWriter
{
    public static void Write(ElementWriter xml, InternetDetails place)
    {
        switch (place)
        {
            case InternetDetails.WebPage page:
                xml.ElementWithInfo("webPageIncident", page.AdditionalInfo, () =>
                {
                    xml.Attribute("thirdPartyHostedContent", page.ThirdPartyHostedContent);
                    xml.Texts("url", page.Urls, 2083);
                });
                break;
            case InternetDetails.EmailMessage message:
                xml.ElementWithInfo("emailIncident", message.AdditionalInfo, () =>
                {
                    ContactWriter.Write(xml, "emailAddress", message.EmailAddresses);
                    xml.Text("content", message.Content);
                });
                break;
            case InternetDetails.Newsgroup group:
                xml.ElementWithInfo("newsgroupIncident", group.AdditionalInfo, () =>
                {
                    xml.Text("name", group.Name, 255);
                    ContactWriter.Write(xml, "emailAddress", group.EmailAddresses);
                    xml.Text("content", group.Content);
                });
                break;
            case InternetDetails.Chat chat:
                xml.ElementWithInfo("chatImIncident", chat.AdditionalInfo, () =>
                {
                    xml.Text("chatClient", chat.ChatClient, 255);
                    xml.Text("chatRoomName", chat.ChatRoomName, 255);
                    xml.Text("content", chat.Content);
                });
                break;
            case InternetDetails.OnlineGaming game:
                xml.ElementWithInfo("onlineGamingIncident", game.AdditionalInfo, () =>
                {
                    xml.Text("gameName", game.GameName, 255);
                    xml.Text("console", game.Console, 255);
                    xml.Text("content", game.Content);
                });
                break;
            case InternetDetails.CellPhone phone:
                xml.ElementWithInfo("cellPhoneIncident", phone.AdditionalInfo, () =>
                {
                    ContactWriter.Write(xml, "phoneNumber", phone.PhoneNumber is { } number ? [number] : []);
                    xml.Number("latitude", phone.Latitude);
                    xml.Number("longitude", phone.Longitude);
                });
                break;
            case InternetDetails.NonInternet elsewhere:
                xml.ElementWithInfo("nonInternetIncident", elsewhere.AdditionalInfo, () =>
                {
                    xml.Text("locationName", elsewhere.LocationName, 255);
                    ContactWriter.Write(xml, "incidentAddress", elsewhere.IncidentAddresses);
                });
                break;
            case InternetDetails.PeerToPeer peers:
                xml.ElementWithInfo("peer2peerIncident", peers.AdditionalInfo, () =>
                {
                    xml.Text("client", peers.Client, 255);
                    ContactWriter.Write(xml, peers.IpCaptureEvents);
                    xml.Text("fileNames", peers.FileNames);
                });
                break;
            default:
                throw new UnreachableException();
        }
    }
}
