# A copy for those to whom mail is forwarded is as safe as the message itself before 250 is
# said: written, synced, then linked, each new/ synced; and its name in .incoming is gone.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $strace = need('strace', 'strace');
need_plain_build();

my $root = new_root(map { "$_\@example.com" } 'bob', 'ann', 'far');
my $real = `cd '$root' && pwd -P`;
chomp $real;
my $log = new_file('trace');
open my $forward, '>', "$root/accounts/example.com/bob/forward" or die "forward: $!\n";
print $forward "ann\@example.com\nbob\@example.com\nfar\@example.com\n";
close $forward or die "forward: $!\n";

my ($output, $status) = run("EHLO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n"
    . "text\r\n.\r\nQUIT\r\n", [ $strace, '-f', '-y', '-s', '300', '-o', $log, '-e', 'signal=none', '-e',
    'trace=fsync,fdatasync,?link,linkat,?unlink,unlinkat,write,writev,sendto,sendmsg',
    program('smtp-stdio'), '-d', $real ], wire => 'pipes');
plan skip_all => "strace cannot trace here: $output" if !-s $log && !$ENV{STRICT};
is($status, 0, 'the session under strace ends well');
my @calls = map { /^\d+ +(\w+\(.*)$/ ? $1 : () } split /\n/, contents($log);

# The place of the first call from $from on that matches; undef where there is none.
sub place {
	my ($from, $pattern) = @_;
	return undef unless defined $from;
	my ($found) = grep { $calls[$_] =~ $pattern } $from .. $#calls;
	return $found;
}

sub is_before {
	my ($first, $then, $what) = @_;
	ok(defined $first && defined $then && $first < $then, $what)
	    or diag 'at ', map { defined $_ ? "$_ " : 'no place ' } $first, $then;
}

my $said = place(0, qr/^\w+\(1<[^>]*>, ".*250 2\.0\.0 OK id=/);
my ($copy) = map { m{^write\w*\((\d+<[^>]*/\.incoming/[^>]+>), .*Delivered-To: bob} ? $1 : () } @calls;
ok(defined $copy, 'the copy is a file of its own') or BAIL_OUT(contents($log)); ## smtp-stdio-store-b
my $synced = place(0, qr/^f\w*sync\(\Q$copy\E\)/);
is(place($synced, qr/^write\w*\(\Q$copy\E/), undef, 'it is not written any more once it is synced'); ## smtp-stdio-store-c
my ($name) = $copy =~ m{/\.incoming/([^>]+)>};
for my $user ('ann', 'far') {
	my $linked = place(0, qr{^link.*\Q$name\E.*/$user/new[/>]});
	my $safe = place($linked, qr{^f\w*sync\(.*/$user/new>});
	is_before($synced, $linked, "synced before it is linked for $user"); ## smtp-stdio-store-c smtp-5321-4.2.5-a
	is_before($safe, $said, "that is synced before 250"); ## smtp-5321-4.2.5-a
}
my $own = place(0, qr{^link.*/bob/new[/>]});
is_before(place($own, qr{^f\w*sync\(.*/bob/new>}), $said, 'the message itself is safe, too'); ## smtp-5321-4.2.5-a
is_deeply([ glob "$root/mail/.incoming/*" ], [], 'nothing is left over'); ## smtp-stdio-store-c

done_testing;
