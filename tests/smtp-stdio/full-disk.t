# A disk that is full before a message is whole: the client is told to come again, what has
# come of the message makes room, and the session goes on.
use strict;
use warnings;
use lib 'tests/lib';
use FileSystem;
use MailTest;

own_mounts();
my $line = 'x' x 62 . "\r\n";
my $mail = "MAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\n";
my $go = "250 2.1.0,250 2.1.5,";

# A session on a disk of half a MiB; its codes have to be these, and leave one message.
sub codes_on_full_disk {
	my ($name, $input, $codes) = @_;
	my $disk = FileSystem->new('tmpfs', megabytes => 0.5);
	my $root = $disk->path . '/root';
	add_account($root, 'bob@example.com');
	my ($output, $status) = run("EHLO client.example\r\n${input}QUIT\r\n", [ program('smtp-stdio'), '-d', $root ]);
	$output =~ s/\A220 [^\n]*\n(?:250-[^\n]*\n)*250 [^\n]*\n//;
	my @codes = map { /^(\d\d\d(?: \d\.\d+\.\d+)?) / ? $1 : $_ } split /\r\n/, $output;
	is(join(',', @codes), "$codes,221 2.0.0", $name);        ## smtp-5321-4.3.2-452 smtp-1870-6.1-b
	is($status, 0, 'status 0');
	my ($list) = run('', [ 'find', "$root/mail", '-type', 'f', '!', '-name', 'pop3-lock' ]);
	my @paths = messages($root, 'bob@example.com');
	is($list, "$paths[0]\n", 'one message is there, and nothing is left of the other');  ## smtp-5321-4.2.5-b smtp-stdio-store-c
}

codes_on_full_disk('DATA: 452 4.3.1, and the next message is taken',
    "${mail}DATA\r\n" . $line x 10_000 . ".\r\n${mail}DATA\r\nsmall\r\n.\r\n",
    "${go}354,452 4.3.1,${go}354,250 2.0.0");
codes_on_full_disk('a declared size past what is free: 452 4.3.1 at MAIL',
    "MAIL FROM:<a\@client.example> SIZE=600000\r\n${mail}DATA\r\nsmall\r\n.\r\n",
    "452 4.3.1,${go}354,250 2.0.0");

# As soon as the chunk is refused its room is free again: a message that needs nearly all
# of it comes through in the same session.
my $chunk = sub { 'BDAT ' . length($line x 3000) . ($_[0] ? ' LAST' : '') . "\r\n" . $line x 3000 };
codes_on_full_disk('BDAT: 452 4.3.1, and there is room again',
    $mail . $chunk->() x 2 . $chunk->(1) . "RSET\r\n$mail" . $chunk->() . $chunk->(1),
    "${go}250 2.0.0,250 2.0.0,452 4.3.1,250 2.0.0,${go}250 2.0.0,250 2.0.0");
done_testing;
