# The system log where its daemon takes no datagrams but connections, in which a NUL ends
# each line.
use strict;
use warnings;
use lib 'tests/lib';
use PeerTest;
use Socket qw(SOCK_STREAM);
use Syslog;
use Test::More;

need(root => '');
in_own_mounts() or need('unshare(1) that may' => 'util-linux');
own_dev();
my $listener = syslog_listener(SOCK_STREAM);

my $root = mail_root('bob@example.com');
{
	local $ENV{MAIL_STDIO_LOG} = 'syslog';
	open my $server, '|-', program('smtp-stdio') . " -d $root >/dev/null" or die "no server: $!\n";
	print $server "EHLO client.example\r\nQUIT\r\n";
	close $server;
}
is($?, 0, 'the session ends well');

my $said = '';
while (my $connection = $listener->accept) {
	$connection->blocking(1);
	local $/;
	$said .= <$connection>;
}
like($said, qr/\A(?:<\d+>\w{3} [ \d]\d \d\d:\d\d:\d\d smtp-stdio\[\d+\]: [^\0]+\0)+\z/, 'each line has a NUL behind it');
like($said, qr/: session peer=unknown [^\0]* end=quit /, 'and the session is told of');

done_testing;
